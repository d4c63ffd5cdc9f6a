import type { LossRecipe, TrainingTask } from '../../../common/contract/training/loss.ts'
import { lowerToBlocked } from '../../../onnx/blocked/lower.ts'
import { createGraphBuilder, type GraphBuilder } from '../../../onnx/builder.ts'
import { differentiate } from '../../../onnx/differentiate/differentiate.ts'
import type { Model } from '../../../onnx/model.ts'
import type { Layer, Network, Parameter, Weights } from '../../../onnx/network.ts'
import { addTrainingForward, type DropoutMask, type Normalisation } from '../../../onnx/trainingForm.ts'
import { addLosses } from '../losses/addLosses.ts'
import type { NetworkOutputs } from '../losses/loss.ts'
import { constantParameters } from './include.ts'
import { peakBytes } from './memory.ts'

/** What the training graph needs to know of a teacher: the sizes of what it gives. */
export interface TeacherShape {
	share: number
	/** Features of an image. */
	features: number
	/** At the size that the teacher reads. */
	layers: readonly Layer[]
}

export interface TrainingGraphOptions {
	batch: number
	/** Of one image, or of one feature vector: [3, size, size] or [n]. */
	inputDims: readonly number[]
	/** Names of the parameters that change; the others are constants of the graph. */
	trained: ReadonlySet<string>
	weights: Weights
	normalisation: Normalisation
	losses: readonly LossRecipe[]
	task: TrainingTask
	teachers: readonly TeacherShape[]
}

interface NamedDims {
	name: string
	dims: readonly number[]
}

/** A whole step as one graph: forward, losses, gradients, running statistics. Its further inputs are `input`, `target` and `known`. */
export interface TrainingGraph {
	model: Model
	/** The same for operators on channels in blocks of this size, see lowerToBlocked; its outputs differ by rounding. */
	blockedModel(block: number): Model
	/** Output: the loss. */
	loss: string
	/** Output [batch, classes], or of masks [batch, 1, side, side]. */
	logits: string
	/** Of the logits, and of the inputs `target` and `known`. */
	targetDims: readonly number[]
	/** Outputs by name of the loss, before its weight. */
	parts: ReadonlyMap<string, string>
	/** Inputs: the trained parameters, those of the losses, and running statistics that move. */
	parameters: readonly NamedDims[]
	/** Made by losses, trained with the rest and thrown away at the end. */
	lossParameters: readonly Parameter[]
	/** Outputs by trained parameter; one that the loss does not depend on has none. */
	gradients: ReadonlyMap<string, string>
	/** Outputs by running statistic: its new value. */
	updates: ReadonlyMap<string, string>
	/** Scalar inputs that warm a loss up. */
	factors: ReadonlyMap<string, LossRecipe>
	masks: readonly DropoutMask[]
	/** Inputs for what each teacher gives, as far as a loss reads it: teacher/<position>/logits, /features and /layer/<name>. */
	teacherInputs: readonly (readonly NamedDims[])[]
	/** Most memory that its tensors need at once. */
	bytes: number
}

const TEACHER = 'teacher/'

/** Names of a teacher's outputs among the inputs of the training graph. */
const teacherInput = (teacher: number, output: string) => `${TEACHER}${teacher}/${output}`

/**
 * @throws Error where an operator has no gradient, a loss names a layer that is not there, or the network cannot read images of this size.
 */
export function buildTrainingGraph(network: Network, options: TrainingGraphOptions): TrainingGraph {
	const { batch, trained, weights } = options
	const build = createGraphBuilder()
	const image = build.input('input', [batch, ...options.inputDims])

	const moving = new Set(options.normalisation === 'batch' ? network.parameters.filter(({ role }) => role === 'runningMean' || role === 'runningVariance').map(({ name }) => name) : [])
	const inputs = network.parameters.filter(({ name }) => trained.has(name) || moving.has(name))
	const bind = constantParameters(build, network, weights, new Set(network.parameters.map(({ name }) => name).filter((name) => !trained.has(name) && !moving.has(name))))
	for (const { name, dims } of inputs) bind.set(name, build.input(name, dims))
	bind.set('input', image)

	const forward = addTrainingForward(build, network, bind, { normalisation: options.normalisation })
	const targetDims = build.dims(forward.logits)
	const target = build.input('target', targetDims)
	const known = build.input('known', targetDims)
	const teacherNames = options.teachers.map((teacher, index) => teacherOutputs(build, teacher, index, batch, network.classes))

	const losses = addLosses(build, {
		student: forward, target, known, teachers: options.teachers.map(({ share }, index) => ({ ...(teacherNames[index] as NetworkOutputs), share })),
	}, options.losses, options.task)
	const wanted = [...inputs.filter(({ name }) => trained.has(name)), ...losses.parameters].map(({ name }) => name)
	const gradients = differentiate(build, losses.total, wanted)
	for (const name of [losses.total, ...losses.parts.values(), forward.logits, ...gradients.values(), ...forward.updates.values()]) build.output(name)

	const read = new Set(build.graph.node.flatMap((node) => node.input))
	const modelOf = (complete: GraphBuilder): Model => {
		const model = complete.model()
		return model.graph ? { ...model, graph: { ...model.graph, input: model.graph.input.filter(({ name = '' }) => read.has(name) || !name.startsWith(TEACHER)) } } : model
	}
	return {
		model: modelOf(build),
		blockedModel: (block) => modelOf(lowerToBlocked(build, block)),
		loss: losses.total,
		logits: forward.logits,
		targetDims,
		parts: losses.parts,
		parameters: [...inputs, ...losses.parameters].map(({ name, dims }) => ({ name, dims })),
		lossParameters: losses.parameters,
		gradients,
		updates: forward.updates,
		factors: losses.factors,
		masks: forward.masks,
		teacherInputs: teacherNames.map(({ logits, features, layers }) => [logits, features, ...layers.values()].filter((name) => read.has(name)).map((name) => ({ name, dims: build.dims(name) }))),
		bytes: peakBytes(build),
	}
}

function teacherOutputs(build: GraphBuilder, teacher: TeacherShape, index: number, batch: number, classes: number): NetworkOutputs {
	const input = (output: string, dims: readonly number[]) => build.input(teacherInput(index, output), [batch, ...dims])
	return {
		logits: input('logits', [classes]),
		features: input('features', [teacher.features]),
		layers: new Map(teacher.layers.map(({ name, channels, height, width }) => [name, input(`layer/${name}`, [channels, height, width])])),
	}
}
