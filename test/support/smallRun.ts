import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RecipeInput } from '../../src/common/contract/training/recipe.ts'
import type { RunControl } from '../../src/hosts/training/runs/run.ts'
import { modelOfNetwork } from '../../src/onnx/fromModel.ts'
import { writeModel } from '../../src/onnx/model.ts'
import { startNetwork } from '../../src/zoo/layers.ts'
import { initialWeights } from '../../src/zoo/initialise.ts'
import { LABELS, makePictures, PICTURE_INPUT, SIDE, writeManifest, writePictures } from './pictures.ts'

const CHANNELS = 6

/** Three convolutions with batch normalisation and a dropout before the head. */
export function smallNetwork(classes: number = LABELS.length, inputSize: number = SIDE) {
	const net = startNetwork({ classes, inputSize })
	let x = net.image
	for (const layer of [1, 2, 3]) x = net.build.node('Relu', [net.batchNorm(`norm${layer}`, net.conv(`conv${layer}`, x, { channels: CHANNELS, kernel: 3, stride: 2, padding: 1 }))], {}, `layer${layer}`)
	net.build.node('Flatten', [net.build.node('GlobalAveragePool', [x])], { axis: 1 }, 'features')
	return net.finish({ name: 'small', title: 'Small', head: { name: 'head', initialisation: { kind: 'uniform', bound: 0.4 }, dropout: 0.2 }, camLayers: [['layer3', x]], hintLayers: [['layer2', 'layer2']] })
}

export function writeSmallNetwork(path: string, seed = 3, network = smallNetwork()): string {
	writeFileSync(path, writeModel(modelOfNetwork(network, initialWeights(network, seed))))
	return path
}

/** A control of a run that nothing stops, but for what is changed. */
export function runControl(changes: Partial<RunControl> = {}): RunControl {
	const never = new AbortController().signal
	return { progress: () => {}, pause: never, cancel: never, leave: never, turn: async () => {}, ...changes }
}

/** Pictures with a manifest.csv, and a network to train on them. */
export async function writeSmallData(folder: string, count = 96): Promise<{ data: string; student: string }> {
	const data = join(folder, 'data')
	mkdirSync(data, { recursive: true })
	const pictures = makePictures(count)
	await writePictures(data, pictures)
	writeManifest(data, ['file', 'label', 'split', 'group', 'source'], pictures.map(({ file, label, split, group, source }) => [file, label, split, group, source]))
	return { data, student: writeSmallNetwork(join(folder, 'student.onnx')) }
}

/** Two epochs of six steps with everything that has a state: momentum, average, dropout, running statistics, augmentation, sampling, accumulation. */
export function smallRecipe({ data, student }: { data: string; student: string }, changes: Partial<RecipeInput> = {}): RecipeInput {
	return {
		schemaVersion: 1, name: 'small', seed: 7,
		data: { layout: 'manifest', folder: data, sampling: { by: 'class' } },
		student: { from: 'onnx', file: student },
		input: { size: SIDE, mean: PICTURE_INPUT.mean, std: PICTURE_INPUT.std, colour: 'grey' },
		losses: [{ kind: 'cross-entropy', labelSmoothing: 0.1 }],
		optimisation: { optimiser: { kind: 'adamw', learningRate: 0.01 }, averageDecay: 0.9, accumulate: 2, gradientNorm: 1 },
		epochs: 4, batch: 4, checkpointEverySteps: 2, threads: 1,
		pack: { id: 'small', title: 'Small' },
		...changes,
	}
}
