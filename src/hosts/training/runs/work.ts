import type { Weights } from '../../../onnx/network.ts'
import { initialValues } from '../../../zoo/initialise.ts'
import { isLabelled } from '../data/dataSet.ts'
import { headNetwork } from '../graph/headNetwork.ts'
import { updateAverage } from '../optimise/average.ts'
import { accumulateGradients, clipGradients, gradientNorm, zeroGradients } from '../optimise/gradients.ts'
import { initialOptimiserState, takeStep } from '../optimise/optimiser.ts'
import { learningRateFactor } from '../optimise/schedule.ts'
import { decayingParameters } from '../optimise/select.ts'
import type { Checkpoint } from './checkpoint.ts'
import { NotFiniteError, type Work } from './loop.ts'
import { cachedFeatures, featuresOf, inTurn, plainImages, trainingImages, type MaterialSource, type Rows } from './material.ts'
import type { PreparedRun } from './prepared.ts'
import { openStage, type Stage } from './stage.ts'
import { monitored, validate } from './validate.ts'
import { validateMasks } from './validateMasks.ts'

/** The work of a run on real sessions. */
export interface TrainingWork extends Work {
	/** Weights without those of losses: the student's. */
	weights(): Weights
	/** The sessions of the first or the current size; they are opened where they are not. */
	stage(epoch: number): Promise<Stage>
	close(): Promise<void>
}

export interface WorkOptions {
	prepared: PreparedRun
	/** What a resumed run goes on from. */
	checkpoint: Checkpoint | null
	progress(phase: string, done: number, of: number): void
	signal: AbortSignal
	/** Asked before each batch of a validation, as the loop asks before each step. */
	turn(): Promise<void>
}

/** Side of the images in an epoch (from 0). */
export function sizeAt({ recipe, student }: PreparedRun, epoch: number): number {
	return recipe.resizing.findLast(({ fromEpoch }) => fromEpoch <= epoch)?.size ?? student.input.size
}

/** Copies values of a checkpoint over the first ones. @throws Error where it is of another network. */
function restore(into: Weights, from: Weights | undefined): void {
	for (const [name, values] of into) {
		const saved = from?.get(name)
		if (!saved || saved.length !== values.length) throw new Error(`The checkpoint has no "${name}" with ${values.length} values: it is of another network.`)
		values.set(saved)
	}
}

/** Opens data and first sessions. @throws UserError naming what stands in the way. */
export async function openWork({ prepared, checkpoint, progress, signal, turn }: WorkOptions): Promise<TrainingWork> {
	const { recipe, student, dataSet, trained, threads } = prepared
	const { optimisation } = recipe
	const network = recipe.headOnly ? headNetwork(student.network) : student.network
	const weights: Weights = new Map([...student.weights].map(([name, values]) => [name, Float32Array.from(values)]))
	const features: { train: Rows | null; validation: Rows | null } = { train: null, validation: null }
	if (recipe.headOnly) {
		for (const split of ['train', 'validation'] as const) features[split] = await featuresOf(prepared, split, (done, of) => progress(`features of the ${split} images`, done, of), signal)
	}
	const sourceAt = (size: number): MaterialSource => (features.train ? cachedFeatures(prepared, features.train, true) : trainingImages(prepared, size))
	const validation = inTurn(features.validation ? cachedFeatures(prepared, features.validation, false) : plainImages(prepared, 'validation', student.input.size), turn)

	const open = (size: number) => openStage({ prepared, size, weights, source: sourceAt(size), progress, signal })
	let stage = await open(sizeAt(prepared, checkpoint?.position.epoch ?? 0))
	async function stageOf(epoch: number): Promise<Stage> {
		const size = sizeAt(prepared, epoch)
		if (stage.size === size) return stage
		await stage.close()
		stage = await open(size)
		return stage
	}

	const learned = [...trained, ...stage.graph.lossParameters].filter(({ name }) => stage.graph.gradients.has(name))
	for (const parameter of stage.graph.lossParameters) weights.set(parameter.name, initialValues(parameter, recipe.seed))
	const decaying = decayingParameters([...student.network.parameters, ...stage.graph.lossParameters], optimisation.weightDecayExclusions)
	const state = initialOptimiserState(optimisation.optimiser, learned)
	const average: Weights | null = optimisation.averageDecay === null ? null : new Map([...student.weights].map(([name, values]) => [name, Float32Array.from(values)]))
	if (checkpoint) {
		restore(weights, checkpoint.groups.get('weights'))
		restore(state.slots, checkpoint.groups.get('slots'))
		if (average) restore(average, checkpoint.groups.get('average'))
		state.step = checkpoint.position.step
	}
	const sum = optimisation.accumulate > 1 ? zeroGradients(learned) : null
	const stepsPerEpoch = Math.floor(stage.passes / optimisation.accumulate)
	const steps = stepsPerEpoch * recipe.epochs
	const ownWeights = (from: Weights): Weights => new Map(student.network.parameters.flatMap(({ name }) => {
		const values = from.get(name)
		return values ? [[name, values] as const] : []
	}))

	return {
		epochs: recipe.epochs,
		stepsPerEpoch,
		imagesPerStep: recipe.batch * optimisation.accumulate,
		async step(epoch, stepOfEpoch) {
			const current = await stageOf(epoch)
			let loss = 0
			const parts: Record<string, number> = {}
			let gradients: Weights = new Map()
			if (sum) for (const values of sum.values()) values.fill(0)
			for (let part = 0; part < optimisation.accumulate; part++) {
				const index = stepOfEpoch * optimisation.accumulate + part
				const result = await current.run(epoch, index, state.step * optimisation.accumulate + part, weights)
				if (!Number.isFinite(result.loss)) throw new NotFiniteError('loss', result.loss)
				loss += result.loss / optimisation.accumulate
				for (const [name, value] of Object.entries(result.parts)) parts[name] = (parts[name] ?? 0) + value / optimisation.accumulate
				for (const [name, values] of result.updates) weights.get(name)?.set(values)
				if (sum) accumulateGradients(sum, result.gradients, optimisation.accumulate)
				gradients = sum ?? result.gradients
			}
			const norm = optimisation.gradientNorm === null ? gradientNorm(gradients) : clipGradients(gradients, optimisation.gradientNorm)
			if (!Number.isFinite(norm)) throw new NotFiniteError('norm of the gradients', norm)
			const factor = learningRateFactor(optimisation.schedule, { step: state.step, steps, stepsPerEpoch })
			takeStep(optimisation.optimiser, state, learned, weights, gradients, decaying, factor)
			if (average && optimisation.averageDecay !== null) updateAverage(average, weights, optimisation.averageDecay, state.step)
			return { loss, parts, learningRate: optimisation.optimiser.learningRate * factor, gradientNorm: norm, size: current.size }
		},
		async validate(epoch) {
			if ((epoch + 1) % recipe.validation.everyEpochs !== 0 && epoch + 1 !== recipe.epochs) return null
			const metrics = isLabelled(dataSet)
				? await validate(network, average ?? weights, validation, dataSet, recipe.batch, threads)
				: await validateMasks(network, average ?? weights, validation, recipe.batch, threads)
			return { size: student.input.size, weights: average ? 'average' : 'trained', metrics, monitored: monitored(metrics, recipe.validation.monitor) }
		},
		state: () => new Map([['weights', weights], ['slots', state.slots], ...(average ? [['average', average] as const] : [])]),
		validated: () => ownWeights(average ?? weights),
		weights: () => ownWeights(weights),
		stage: stageOf,
		async close() {
			await stage.close()
			await validation.close()
		},
	}
}
