import type { InputRecipe } from '../../../common/contract/training/recipe.ts'
import { createGraphBuilder } from '../../../onnx/builder.ts'
import type { Network, Weights } from '../../../onnx/network.ts'
import { adaptImages } from './adapt.ts'
import { anySize, constantParameters } from './include.ts'
import { openSession } from './session.ts'
import type { TeacherShape } from './trainingGraph.ts'

/** A trained network that answers beside the student. */
export interface Teacher {
	name: string
	network: Network
	weights: Weights
	/** What it is fed with. */
	input: InputRecipe
	share: number
	/** Its position of each label of the data set. */
	order: readonly number[]
	sha256: string
}

/** What a teacher gives for a batch. */
export interface TeacherSession {
	/** @param images [batch, 3, size, size] as the student gets them. @returns values by name of the training graph's input. */
	answer(images: Float32Array): Promise<Record<string, Float32Array>>
	release(): Promise<void>
}

/** The sizes of what it gives, at its own image size. */
export function teacherShape({ network, input, share }: Teacher): TeacherShape {
	const build = createGraphBuilder()
	const bind = new Map([['input', build.input('input', [1, 3, input.size, input.size])]])
	for (const { name, dims } of network.parameters) bind.set(name, build.input(name, dims))
	build.include(anySize(network.graph), bind)
	const layers = [...network.hintLayers, ...network.camLayers].map((layer) => {
		const [, channels = 0, height = 0, width = 0] = build.dims(layer.output)
		return { ...layer, channels, height, width }
	})
	return { share, features: build.dims('features')[1] ?? 0, layers }
}

/**
 * A session with the teacher's weights as constants, which is the fastest form that ONNX Runtime has.
 * @param wanted inputs of the training graph that the losses read: teacher/<position>/logits, /features, /layer/<name>.
 * @throws Error where the network cannot be run.
 */
export async function openTeacher(teacher: Teacher, wanted: readonly string[], student: InputRecipe, batch: number, threads: number): Promise<TeacherSession> {
	const { network, weights, input, order } = teacher
	const build = createGraphBuilder()
	const images = build.input('images', [batch, 3, student.size, student.size])
	const bind = constantParameters(build, network, weights, new Set(network.parameters.map(({ name }) => name)))
	bind.set('input', adaptImages(build, images, student, input))
	build.include(anySize(network.graph), bind)
	const layers = new Map([...network.hintLayers, ...network.camLayers].map((layer) => [layer.name, layer.output]))
	const sorted = order.every((place, index) => place === index) && order.length === network.classes
	const outputs = new Map(wanted.map((name) => {
		const [, , kind = '', ...layer] = name.split('/')
		const tensor = kind === 'layer' ? layers.get(layer.join('/')) : kind
		if (tensor === undefined) throw new Error(`The teacher ${network.title} has no layer "${layer.join('/')}".`)
		return [name, kind === 'logits' && !sorted ? build.node('Gather', [tensor, build.integers(order)], { axis: 1 }) : tensor]
	}))
	for (const tensor of new Set(outputs.values())) build.output(tensor)
	const session = await openSession(build.model(), threads)
	return {
		async answer(values) {
			const results = await session.run({ images: { values, dims: [batch, 3, student.size, student.size] } }, [...new Set(outputs.values())])
			return Object.fromEntries([...outputs].map(([name, tensor]) => [name, results[tensor] as Float32Array]))
		},
		release: () => session.release(),
	}
}
