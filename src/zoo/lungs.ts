import type { Network } from '../onnx/network.ts'
import { startLayers, type LayersDraft } from './layers.ts'

/** Channels of the stages, from half the image's side down to a thirty-second: there, each place sees the whole film, which tells lungs from other dark parts of it. */
const STAGES = [16, 32, 48, 64, 80] as const
/** What the side must be a multiple of. */
const COARSEST = 2 ** STAGES.length
const KAIMING = { kind: 'kaimingNormal', fan: 'out' } as const

/**
 * The network that marks the lungs: a narrow U-Net (Ronneberger et al., MICCAI 2015) with batch normalisation (Ioffe and Szegedy, ICML 2015), strided convolutions in the place of
 * pooling (Springenberg et al., ICLR 2015 workshop) and bilinear enlargement in the place of transposed convolutions (Odena et al., Distill 2016). Its finest stage has half the
 * image's side: borders of lungs are smooth, and a stage of full size would take most of the time. Outputs: `logits` [batch, 1, side, side], and `features`, the
 * means of the coarsest stage, which nothing but the interface of networks asks for.
 * @throws Error where the side is no multiple of 32 from 64 to 512.
 */
export function buildLungNetwork({ inputSize }: { inputSize: number }): Network {
	if (!Number.isInteger(inputSize) || inputSize < 64 || inputSize > 512 || inputSize % COARSEST !== 0) throw new Error(`The lung network takes images whose side is a multiple of ${COARSEST} from 64 to 512 pixels, not ${inputSize}.`)
	const layers = startLayers()
	const { build, conv } = layers
	const image = build.input('input', [1, 3, inputSize, inputSize])
	const skips: string[] = []
	let x = image
	for (const [index, channels] of STAGES.entries()) {
		x = block(layers, `down${index + 1}.0`, x, channels, 2)
		x = block(layers, `down${index + 1}.1`, x, channels, 1)
		skips.push(x)
	}
	build.node('Flatten', [build.node('GlobalAveragePool', [x])], { axis: 1 }, 'features')
	for (let index = STAGES.length - 2; index >= 0; index--) {
		const joined = build.node('Concat', [twice(layers, x), skips[index] ?? ''], { axis: 1 })
		x = block(layers, `up${index + 1}.0`, joined, STAGES[index] ?? 1, 1)
		x = block(layers, `up${index + 1}.1`, x, STAGES[index] ?? 1, 1)
	}
	const coarse = conv('head', x, { channels: 1, kernel: 1, bias: true, initialisation: KAIMING })
	twice(layers, coarse, 'logits')
	build.output('logits')
	build.output('features')
	const { graph } = build.model({ freeBatch: true })
	if (!graph) throw new Error('The network has no graph.')
	return {
		name: 'lung-unet', title: 'Narrow U-Net', classes: 1, inputSize, graph, parameters: layers.parameters,
		head: { weight: 'head.weight', bias: 'head.bias' }, camLayers: [], hintLayers: [],
	}
}

function block({ build, conv, batchNorm }: LayersDraft, name: string, input: string, channels: number, stride: number): string {
	const convolved = conv(`${name}.conv`, input, { channels, kernel: 3, stride, padding: 1, initialisation: KAIMING })
	return build.node('Relu', [batchNorm(`${name}.norm`, convolved)])
}

/** Bilinear, as torch's interpolate with scale_factor 2 and align_corners False. */
function twice({ build }: LayersDraft, input: string, as?: string): string {
	return build.node('Resize', [input, '', build.floats([1, 1, 2, 2], [4])], { mode: 'linear', coordinate_transformation_mode: 'half_pixel' }, as)
}
