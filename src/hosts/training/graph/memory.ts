import type { GraphBuilder } from '../../../onnx/builder.ts'
import { DATA_TYPE } from '../../../onnx/model.ts'
import { elementCount } from '../../../onnx/tensor.ts'

const BYTES: Readonly<Record<number, number>> = { [DATA_TYPE.int64]: 8, [DATA_TYPE.float64]: 8, [DATA_TYPE.float16]: 2, [DATA_TYPE.uint8]: 1, [DATA_TYPE.bool]: 1 }

/**
 * Most bytes that are alive at once while the nodes run in their order, every tensor from the node that makes it to the last that reads it.
 * The runtime's own working memory (im2col, reordered weights, holes between tensors) comes on top.
 */
export function peakBytes(build: GraphBuilder): number {
	const { node: nodes, input, output, initializer } = build.graph
	const bytesOf = (name: string) => {
		const { dims, dataType } = build.facts(name)
		return elementCount(dims) * (BYTES[dataType] ?? 4)
	}
	const lastReader = new Map<string, number>()
	for (const [index, node] of nodes.entries()) for (const name of node.input) if (name !== '') lastReader.set(name, index)
	for (const { name } of output) lastReader.set(name ?? '', nodes.length)
	const lasting = new Set([...input, ...initializer].map(({ name }) => name ?? ''))
	let alive = 0
	for (const name of lasting) alive += bytesOf(name)
	let most = alive
	for (const [index, node] of nodes.entries()) {
		const made = node.output.filter((name) => name !== '')
		for (const name of made) alive += bytesOf(name)
		most = Math.max(most, alive)
		const done = new Set([...node.input, ...made].filter((name) => name !== '' && !lasting.has(name) && (lastReader.get(name) ?? -1) <= index))
		for (const name of done) alive -= bytesOf(name)
	}
	return most
}
