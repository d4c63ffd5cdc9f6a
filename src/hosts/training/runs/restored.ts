import { UserError } from '../../../common/contract/procedures.ts'
import { createGraphBuilder } from '../../../onnx/builder.ts'
import type { Network, Weights } from '../../../onnx/network.ts'
import { foldedConvolutions, restoreNormalisation, type ChannelStatistics, type FoldedConvolution } from '../../../onnx/surgery/restoreNormalisation.ts'
import { anySize, constantParameters } from '../graph/include.ts'
import { openSession } from '../graph/session.ts'
import { trainingImages } from './material.ts'
import type { PreparedRun } from './prepared.ts'

/** Training images that the statistics come from, at least so many where there are. */
const IMAGES = 256

type Begun = Pick<PreparedRun, 'recipe' | 'dataSet' | 'student' | 'threads'>

/**
 * The student with the normalisations that were folded into its convolutions, and the statistics of training images (drawn and changed as the
 * recipe says) at the input's size.
 * @throws UserError where it has none that could be restored.
 */
export async function restored(run: Begun, progress: (done: number, of: number) => void, signal: AbortSignal): Promise<{ network: Network; weights: Weights }> {
	const { network, weights } = run.student
	const convolutions = foldedConvolutions(network)
	if (convolutions.length === 0) throw new UserError(`${network.title} has no convolution that a normalisation could be folded into (field normalisation); "batch" is for networks that have theirs.`)
	return restoreNormalisation(network, weights, await measure(run, convolutions, progress, signal))
}

async function measure({ recipe, dataSet, student, threads }: Begun, convolutions: readonly FoldedConvolution[], progress: (done: number, of: number) => void, signal: AbortSignal): Promise<Map<string, ChannelStatistics>> {
	const source = trainingImages({ recipe, dataSet, student }, student.input.size)
	try {
		const dims = [recipe.batch, ...source.inputDims]
		const passes = Math.min(source.batches, Math.ceil(IMAGES / recipe.batch))
		const { names, model } = momentsGraph(student, convolutions, dims)
		const session = await openSession(model, threads)
		try {
			const sums = names.map(([mean, square]) => ({ mean, square, sum: [] as number[], squares: [] as number[] }))
			for (let pass = 0; pass < passes; pass++) {
				signal.throwIfAborted()
				const { inputs } = await source.batch(0, pass)
				const moments = await session.run({ input: { values: inputs, dims } }, names.flat())
				for (const each of sums) {
					each.sum = added(each.sum, moments[each.mean])
					each.squares = added(each.squares, moments[each.square])
				}
				progress(pass + 1, passes)
			}
			return new Map(convolutions.map(({ output }, index) => {
				const { sum = [], squares = [] } = sums[index] ?? {}
				const mean = Float32Array.from(sum, (value) => value / passes)
				return [output, { mean, variance: Float32Array.from(squares, (value, channel) => Math.max(0, value / passes - (mean[channel] ?? 0) ** 2)) }]
			}))
		} finally {
			await session.release()
		}
	} finally {
		await source.close()
	}
}

/** The network with the means over images and places of what these convolutions give, and of its square; [channels] each. */
function momentsGraph({ network, weights }: { network: Network; weights: Weights }, convolutions: readonly FoldedConvolution[], dims: readonly number[]) {
	const build = createGraphBuilder()
	const bind = constantParameters(build, network, weights, new Set(network.parameters.map(({ name }) => name)))
	bind.set('input', build.input('input', dims))
	build.include(anySize(network.graph), bind)
	const axes = build.integers([0, 2, 3])
	const mean = (tensor: string) => build.node('ReduceMean', [tensor, axes], { keepdims: 0 })
	const names = convolutions.map(({ output }) => [mean(output), mean(build.node('Mul', [output, output]))] as const)
	for (const name of names.flat()) build.output(name)
	return { names, model: build.model() }
}

function added(sum: readonly number[], values: Float32Array | undefined): number[] {
	return Array.from(values ?? [], (value, channel) => (sum[channel] ?? 0) + value)
}
