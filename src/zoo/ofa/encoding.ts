/**
 * The search space of OFA-MobileNetV3 (Cai et al., "Once for All", 2020): five stages of two to four inverted-residual blocks, each block with a kernel and an
 * expansion of its own, at one of two widths.
 */
export const KERNELS = [3, 5, 7] as const
export const EXPANDS = [3, 4, 6] as const
export const DEPTHS = [2, 3, 4] as const
const WIDTHS = [1, 1.2] as const

export type Kernel = (typeof KERNELS)[number]
export type Expand = (typeof EXPANDS)[number]
export type Depth = (typeof DEPTHS)[number]
export type Width = (typeof WIDTHS)[number]

/** A sub-network: kernels and expands have one entry per block, in order; only blocks that are there are listed. */
export interface OfaEncoding {
	kernels: readonly Kernel[]
	expands: readonly Expand[]
	/** Blocks of each of the five stages. */
	depths: readonly Depth[]
	width: Width
	/** Side of the image in pixels that it was made for. */
	inputSize: number
}

/** flops@595M_top1@80.0_finetune@75 of the reference: 80.0 % on ImageNet at 236 pixels; used here at 224. */
export const OFA_595: OfaEncoding = {
	depths: [3, 4, 4, 4, 4],
	kernels: [3, 5, 3, 5, 5, 3, 5, 7, 5, 3, 5, 3, 5, 7, 3, 3, 3, 5, 3],
	expands: [3, 4, 3, 4, 4, 6, 3, 6, 6, 3, 4, 6, 6, 6, 4, 6, 6, 6, 3],
	width: 1.2,
	inputSize: 224,
}

/** EEEA-Net-C2 (Termritthikun et al. 2021), found at 192 pixels; used here at 224 as by its authors for radiographs. */
export const EEEA_NET_C2: OfaEncoding = {
	depths: [3, 3, 4, 4, 4],
	kernels: [3, 5, 3, 7, 3, 7, 5, 7, 5, 3, 7, 5, 3, 3, 5, 3, 5, 7],
	expands: [3, 4, 3, 4, 3, 3, 6, 6, 3, 3, 6, 4, 3, 3, 6, 6, 6, 3],
	width: 1,
	inputSize: 224,
}

/** What is the same in all sub-networks of a stage. */
const STAGES = [
	{ channels: 24, stride: 2, squeeze: false, activation: 'relu' },
	{ channels: 40, stride: 2, squeeze: true, activation: 'relu' },
	{ channels: 80, stride: 2, squeeze: false, activation: 'hardSwish' },
	{ channels: 112, stride: 1, squeeze: true, activation: 'hardSwish' },
	{ channels: 160, stride: 2, squeeze: true, activation: 'hardSwish' },
] as const

export type Activation = 'relu' | 'hardSwish'

/** One inverted-residual block with its sizes. */
export interface OfaBlock {
	inputs: number
	channels: number
	kernel: number
	stride: number
	/** 1: there is no expanding convolution. */
	expand: number
	/** Channels of the depthwise convolution. */
	middle: number
	/** Channels of the squeeze-and-excitation's bottleneck; null where there is none. */
	squeeze: number | null
	activation: Activation
}

/** The nearest multiple of 8 that is not more than a tenth smaller, at least 8. */
function makeDivisible(value: number): number {
	const rounded = Math.max(8, Math.floor((value + 4) / 8) * 8)
	return rounded < 0.9 * value ? rounded + 8 : rounded
}

/** Channels that do not depend on the blocks. */
export function fixedChannels(width: Width): { stem: number; stages: number[]; finalExpand: number; features: number } {
	const stages = STAGES.map(({ channels }) => makeDivisible(channels * width))
	return { stem: makeDivisible(16 * width), stages, finalExpand: makeDivisible(960 * width), features: makeDivisible(1280 * width) }
}

/** The first block, which is the same in all sub-networks. */
export function firstBlock(width: Width): OfaBlock {
	const { stem } = fixedChannels(width)
	return { inputs: stem, channels: stem, kernel: 3, stride: 1, expand: 1, middle: stem, squeeze: null, activation: 'relu' }
}

/** A block of a stage (0 to 4); the first of a stage changes channels and size. */
export function elasticBlock(width: Width, stage: number, isFirst: boolean, kernel: Kernel, expand: Expand): OfaBlock {
	const fixed = STAGES[stage]
	const { stem, stages } = fixedChannels(width)
	const channels = stages[stage]
	if (!fixed || channels === undefined) throw new Error(`There is no stage ${stage}.`)
	const inputs = isFirst ? (stages[stage - 1] ?? stem) : channels
	const middle = makeDivisible(inputs * expand)
	return {
		inputs, channels, kernel, stride: isFirst ? fixed.stride : 1, expand, middle,
		squeeze: fixed.squeeze ? makeDivisible(Math.floor(middle / 4)) : null, activation: fixed.activation,
	}
}

/**
 * The blocks of each stage.
 * @throws Error when the encoding is not one of the search space.
 */
export function blocksOf(encoding: OfaEncoding): OfaBlock[][] {
	checkEncoding(encoding)
	let next = 0
	return encoding.depths.map((depth, stage) => Array.from({ length: depth }, (_, position) => {
		const index = next++
		return elasticBlock(encoding.width, stage, position === 0, encoding.kernels[index] as Kernel, encoding.expands[index] as Expand)
	}))
}

function checkChoices(what: string, values: readonly number[], allowed: readonly number[]): void {
	const wrong = values.find((value) => !allowed.includes(value))
	if (wrong !== undefined) throw new Error(`The encoding's ${what} are ${allowed.join(', ')}, not ${wrong}.`)
}

function checkEncoding({ kernels, expands, depths, width }: OfaEncoding): void {
	if (depths.length !== STAGES.length) throw new Error(`The encoding has ${depths.length} depths; the network has ${STAGES.length} stages.`)
	checkChoices('depths', depths, DEPTHS)
	checkChoices('kernels', kernels, KERNELS)
	checkChoices('expansions', expands, EXPANDS)
	checkChoices('widths', [width], WIDTHS)
	const blocks = depths.reduce<number>((sum, depth) => sum + depth, 0)
	if (kernels.length !== blocks) throw new Error(`The encoding has ${kernels.length} kernels for ${blocks} blocks.`)
	if (expands.length !== blocks) throw new Error(`The encoding has ${expands.length} expansions for ${blocks} blocks.`)
}
