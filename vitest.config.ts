import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** These take a minute or more: begun last, they would run alone while the other worker has nothing to do. */
const LONGEST = ['test/main/training/desk.test.ts', 'test/cli/cli.test.ts', 'test/hosts/training/runs/run.test.ts', 'test/onnx/differentiate/networks.test.ts', 'test/zoo/scoreCam.test.ts', 'test/main/answers/answers.test.ts']

const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((path) => moduleId.endsWith(path))

class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const [long, others] = [files.filter(isLong), files.filter((file) => !isLong(file))]
		return [...long, ...(await BaseSequencer.prototype.sort.call(this, others))]
	}
}

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		exclude: ['test/e2e/**'],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		// A busy machine takes seconds to start a process; what comes at once is seen at once all the same.
		expect: { poll: { timeout: 30_000 } },
		// Native modules and child processes: a process each, two at a time on the small machines that this runs on.
		pool: 'forks',
		maxWorkers: 2,
		sequence: { sequencer: LongestFirst },
	},
})
