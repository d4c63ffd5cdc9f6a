import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { randomStream } from '../../src/common/random.ts'
import type { LabelledDataSet, Sample } from '../../src/hosts/training/data/dataSet.ts'
import type { Network, Weights } from '../../src/onnx/network.ts'
import { startNetwork } from '../../src/zoo/layers.ts'

/** Side of the pictures and of the network that reads them. */
export const SIDE = 32
export const LABELS = ['bright', 'left', 'top'] as const
export const PICTURE_INPUT = { colour: 'grey' as const, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] }

/** A picture of one label: bright all over, or bright in its left or its top half, more or less clearly. */
interface Picture {
	file: string
	label: (typeof LABELS)[number]
	/** 0: nothing to see, 1: clear. */
	contrast: number
	split: 'train' | 'val' | 'test'
	group: string
	source: string
	licence: string
}

/** Two pictures of each patient; the last source is harder. */
export function makePictures(count: number): Picture[] {
	const random = randomStream(5, 'pictures')
	return Array.from({ length: count }, (_, index) => {
		const patient = index >> 1
		const label = LABELS[patient % 3] as (typeof LABELS)[number]
		const hard = patient % 5 === 4
		return {
			file: `${label}/${index}.png`, label, contrast: (hard ? 0.15 : 0.6) * random.uniform() - 0.05,
			split: (['train', 'train', 'val', 'test'] as const)[patient % 4] ?? 'train', group: `patient ${patient}`, source: hard ? 'north' : 'south', licence: hard ? 'CC BY 4.0' : 'as agreed, in writing',
		}
	})
}

export async function writePictures(folder: string, pictures: readonly Picture[]): Promise<void> {
	for (const [index, { file, label, contrast }] of pictures.entries()) {
		const random = randomStream(6, 'pixels', index)
		const pixels = Uint8Array.from({ length: SIDE * SIDE }, (_, position) => {
			const inside = label === 'bright' || (label === 'left' ? position % SIDE < SIDE / 2 : position < (SIDE * SIDE) / 2)
			return Math.min(255, Math.max(0, 110 + (inside ? 120 : -60) * contrast + 25 * random.normal()))
		})
		const path = join(folder, file)
		mkdirSync(dirname(path), { recursive: true })
		await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } }).png().toFile(path)
	}
}

export function writeManifest(folder: string, header: readonly string[], rows: readonly (readonly string[])[]): void {
	const lines = [header, ...rows].map((fields) => fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(','))
	writeFileSync(join(folder, 'manifest.csv'), `${lines.join('\n')}\n`)
}

export function samplesOf(folder: string, pictures: readonly Picture[]): Sample[] {
	return pictures.map(({ file, label, split, group, source, licence }) => ({
		id: file, path: join(folder, file), truth: LABELS.map((name) => (name === label ? 1 : 0)), split: split === 'val' ? 'validation' : split, group, source, attributes: { licence },
	}))
}

export function dataSetOf(samples: readonly Sample[], task: LabelledDataSet['task'] = 'multiclass'): LabelledDataSet {
	return { task, labels: LABELS, samples, refused: [], sha256: 'ab'.repeat(32) }
}

/**
 * A network that sees the halves: a convolution with set weights over the means of four quarters, whose logits are right for clear pictures.
 */
export function makeQuarterNetwork(): { network: Network; weights: Weights } {
	const net = startNetwork({ classes: 3, inputSize: SIDE })
	const quarters = net.build.node('Relu', [net.conv('quarters', net.image, { channels: 4, kernel: SIDE / 2, stride: SIDE / 2, bias: true })], {}, 'quarters.relu')
	net.build.node('Flatten', [quarters], { axis: 1 }, 'features')
	const network = net.finish({ name: 'quarters', title: 'Four quarters', head: { name: 'head', initialisation: { kind: 'constant', value: 0 } }, camLayers: [['quarters', quarters]], hintLayers: [] })
	const half = SIDE / 2
	const kernel = new Float32Array(4 * 3 * half * half)
	// Only the first output channel is used: the mean of a quarter, moved above zero.
	kernel.fill(1 / (3 * half * half), 0, 3 * half * half)
	// features [channel, quarter]: top left, top right, bottom left, bottom right of the first channel.
	const weights: Weights = new Map([
		['quarters.weight', kernel],
		['quarters.bias', Float32Array.of(3, 0, 0, 0)],
		['head.weight', Float32Array.from([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1]].flatMap((row) => [...row.map((value) => 2 * value), ...Array.from({ length: 12 }, () => 0)]))],
		['head.bias', Float32Array.of(-22, 0, 0)],
	])
	return { network, weights }
}
