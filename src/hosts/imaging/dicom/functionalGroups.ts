import type { DataSet } from './dataSet.ts'
import { tags } from './tags.ts'
import { sequenceItems } from './values.ts'

/**
 * Where an attribute of a frame may be: the frame's own functional groups, the shared ones, the file itself (PS3.3 C.7.6.16).
 * The first data set that has it counts.
 */
export function attributeSources(dataSet: DataSet, frameIndex: number): DataSet[] {
	const own = sequenceItems(dataSet, tags.perFrameFunctionalGroups)[frameIndex]
	const shared = sequenceItems(dataSet, tags.sharedFunctionalGroups)[0]
	return [...groupItems(own), ...groupItems(shared), dataSet]
}

function groupItems(groups: DataSet | undefined): DataSet[] {
	if (!groups) return []
	return [...groups.elements.values()].flatMap(({ items }) => items?.slice(0, 1) ?? [])
}

/** The first source that has the element with a value, else the last source (where it is then missing). */
export function sourceOf(sources: DataSet[], tag: number): DataSet {
	const found = sources.find((source) => {
		const element = source.elements.get(tag)
		return element !== undefined && (element.length > 0 || (element.items?.length ?? 0) > 0)
	})
	return found ?? (sources.at(-1) as DataSet)
}
