import { DEPTHS, elasticBlock, EXPANDS, firstBlock, fixedChannels, KERNELS, type Expand, type Kernel, type OfaBlock, type OfaEncoding, type Width, blocksOf } from './encoding.ts'

/** Image sizes that the supernet of each width was trained for. */
export const RESOLUTIONS: readonly { width: Width; inputSize: number }[] = [
	...[128, 160, 192, 224].map((inputSize) => ({ width: 1 as const, inputSize })),
	...[160, 192, 224].map((inputSize) => ({ width: 1.2 as const, inputSize })),
]

export const STAGE_COUNT = 5

/** A part of a sub-network whose time and counts add up to the whole network's. */
export type Piece =
	| { kind: 'stem'; width: Width; size: number }
	| { kind: 'block'; block: OfaBlock; size: number }
	| { kind: 'tail'; width: Width; size: number }

/** Parameters without running statistics; multiply-accumulates of convolutions. */
export interface PieceCounts {
	parameters: number
	macs: number
}

/** Side of the map behind a layer of this stride. */
function strided(size: number, stride: number): number {
	return Math.ceil(size / stride)
}

/** Equal for pieces that take equally long. */
export function pieceKey(piece: Piece): string {
	if (piece.kind !== 'block') return `${piece.kind} w${piece.width} ${piece.size}`
	const { inputs, channels, kernel, stride, expand, squeeze, activation } = piece.block
	return `block ${inputs}-${channels} k${kernel} s${stride} e${expand}${squeeze === null ? '' : ' se'} ${activation} ${piece.size}`
}

/** Side of the map that each stage (0 to 4) and, last, the tail reads. */
function sizesOf(width: Width, inputSize: number): number[] {
	const sizes = [strided(inputSize, 2)]
	for (let stage = 0; stage < STAGE_COUNT; stage++) sizes.push(strided(sizes[stage] ?? 0, elasticBlock(width, stage, true, 3, 3).stride))
	return sizes
}

/** Every choice of a block at a place: kernel, expansion and the piece. */
export interface BlockChoice {
	kernel: Kernel
	expand: Expand
	piece: Piece
}

/** @param isFirst the stage's first block, which changes the size, or one of the others, which are interchangeable */
export function choicesAt(width: Width, inputSize: number, stage: number, isFirst: boolean): BlockChoice[] {
	const size = sizesOf(width, inputSize)[isFirst ? stage : stage + 1] ?? 0
	return KERNELS.flatMap((kernel) => EXPANDS.map((expand) => ({ kernel, expand, piece: { kind: 'block' as const, block: elasticBlock(width, stage, isFirst, kernel, expand), size } })))
}

/** Stem and tail, which all sub-networks of a width and size have. */
export function fixedPieces(width: Width, inputSize: number): Piece[] {
	return [{ kind: 'stem', width, size: inputSize }, { kind: 'tail', width, size: sizesOf(width, inputSize).at(-1) ?? 0 }]
}

/** The pieces of a sub-network in order. @throws Error when the encoding is not one of the search space. */
export function piecesOf(encoding: OfaEncoding): Piece[] {
	const sizes = sizesOf(encoding.width, encoding.inputSize)
	const [stem, tail] = fixedPieces(encoding.width, encoding.inputSize) as [Piece, Piece]
	const blocks = blocksOf(encoding).flatMap((stage, index) => stage.map((block, position): Piece => ({ kind: 'block', block, size: sizes[position === 0 ? index : index + 1] ?? 0 })))
	return [stem, ...blocks, tail]
}

/** Every piece of the search space, once. */
export function allPieces(): Piece[] {
	const pieces = RESOLUTIONS.flatMap(({ width, inputSize }) => [
		...fixedPieces(width, inputSize),
		...Array.from({ length: STAGE_COUNT }, (_, stage) => [true, false].flatMap((isFirst) => choicesAt(width, inputSize, stage, isFirst).map((choice) => choice.piece))).flat(),
	])
	return [...new Map(pieces.map((piece) => [pieceKey(piece), piece])).values()]
}

/** Most blocks of a stage. */
export const DEEPEST = Math.max(...DEPTHS)

/** The tail without the classifier, which depends on the number of classes. */
export function countsOf(piece: Piece): PieceCounts {
	switch (piece.kind) {
		case 'block': return blockCounts(piece.block, piece.size)
		case 'stem': {
			const { stem } = fixedChannels(piece.width)
			const size = strided(piece.size, 2)
			const first = blockCounts(firstBlock(piece.width), size)
			return { parameters: 27 * stem + 2 * stem + first.parameters, macs: 27 * stem * size ** 2 + first.macs }
		}
		case 'tail': {
			const { stages, finalExpand, features } = fixedChannels(piece.width)
			const expand = (stages.at(-1) ?? 0) * finalExpand
			return { parameters: expand + 2 * finalExpand + finalExpand * features, macs: expand * piece.size ** 2 + finalExpand * features }
		}
	}
}

function blockCounts({ inputs, channels, kernel, stride, expand, middle, squeeze }: OfaBlock, size: number): PieceCounts {
	const after = strided(size, stride)
	const widening = expand === 1 ? { parameters: 0, macs: 0 } : { parameters: inputs * middle + 2 * middle, macs: inputs * middle * size ** 2 }
	const squeezing = squeeze === null ? { parameters: 0, macs: 0 } : { parameters: 2 * middle * squeeze + squeeze + middle, macs: 2 * middle * squeeze }
	return {
		parameters: widening.parameters + (kernel ** 2 + 2) * middle + squeezing.parameters + middle * channels + 2 * channels,
		macs: widening.macs + (kernel ** 2 * middle + middle * channels) * after ** 2 + squeezing.macs,
	}
}

/** Of the classifier. */
export function classifierCounts(width: Width, classes: number): PieceCounts {
	const { features } = fixedChannels(width)
	return { parameters: features * classes + classes, macs: features * classes }
}
