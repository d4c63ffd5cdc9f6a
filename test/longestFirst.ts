import { BaseSequencer, type TestSequencerConstructor, type TestSpecification } from 'vitest/node'

/** @param paths files that take a minute or more: begun last, they would run alone while the other worker has nothing to do. */
export function longestFirst(paths: readonly string[]): TestSequencerConstructor {
	const isLong = ({ moduleId }: TestSpecification) => paths.some((path) => moduleId.endsWith(path))
	return class extends BaseSequencer {
		override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
			const [long, others] = [files.filter(isLong), files.filter((file) => !isLong(file))]
			return [...long, ...(await BaseSequencer.prototype.sort.call(this, others))]
		}
	}
}
