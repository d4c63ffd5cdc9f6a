import { changesNothing } from '../../../common/contract/training/augmentation.ts'
import type { Weights } from '../../../onnx/network.ts'
import { openTrainingSession, type PassResult } from '../graph/step.ts'
import { openTeacher, teacherShape, type TeacherSession } from '../graph/teacher.ts'
import { buildTrainingGraph, type TrainingGraph } from '../graph/trainingGraph.ts'
import { headNetwork } from '../graph/headNetwork.ts'
import { gather, plainImages, rowsOf, type MaterialSource, type Rows } from './material.ts'
import type { PreparedRun } from './prepared.ts'

/** Teachers' answers that are kept, at most so many bytes. */
const MOST_KEPT = 1024 ** 3

/** The part of a run in which images have one size: sessions and batches. */
export interface Stage {
	size: number
	/** Passes that an epoch has images for. */
	passes: number
	graph: TrainingGraph
	/** @param number of the pass within the run. */
	run(epoch: number, index: number, number: number, weights: Weights): Promise<PassResult>
	close(): Promise<void>
}

export interface StageOptions {
	prepared: PreparedRun
	size: number
	weights: Weights
	source: MaterialSource
	progress(phase: string, done: number, of: number): void
	signal: AbortSignal
}

/** The training graph of a run at one image size; cheap beside a session. */
export function graphOf({ recipe, losses, dataSet, student, teachers, trained }: PreparedRun, inputDims: readonly number[], weights: Weights): TrainingGraph {
	return buildTrainingGraph(recipe.headOnly ? headNetwork(student.network) : student.network, {
		batch: recipe.batch, inputDims, trained: new Set(trained.map(({ name }) => name)), weights,
		normalisation: recipe.headOnly || recipe.normalisation === 'frozen' ? 'frozen' : 'batch', losses, task: dataSet.task, teachers: teachers.map(teacherShape),
	})
}

/** Opens the sessions of student and teachers. Closes `source` with itself. */
export async function openStage({ prepared, size, weights, source, progress, signal }: StageOptions): Promise<Stage> {
	const { recipe, student, teachers, threads } = prepared
	const graph = graphOf(prepared, source.inputDims, weights)
	const session = await openTrainingSession(graph, recipe.batch, source.inputDims, threads)
	const sessions: (TeacherSession | null)[] = []
	for (const [index, teacher] of teachers.entries()) {
		const wanted = graph.teacherInputs[index]?.map(({ name }) => name) ?? []
		sessions.push(wanted.length === 0 ? null : await openTeacher(teacher, wanted, { ...student.input, size }, recipe.batch, threads))
	}
	const answerAll = async (images: Float32Array): Promise<Record<string, Float32Array>> => {
		const answers: Record<string, Float32Array> = {}
		for (const teacher of sessions) if (teacher) Object.assign(answers, await teacher.answer(images))
		return answers
	}
	let kept: Readonly<Record<string, Rows>> | null = null
	if (sessions.some(Boolean) && canKeep(prepared, graph)) {
		const plain = plainImages(prepared, 'train', size)
		try {
			kept = await rowsOf(plain, answerAll, recipe.batch, (done, of) => progress('answers of the teachers', done, of), signal)
		} finally {
			await plain.close()
		}
	}
	return {
		size,
		passes: source.batches,
		graph,
		async run(epoch, index, number, current) {
			const { inputs, target, known, indices } = await source.batch(epoch, index)
			const rows = kept
			const answers = rows ? Object.fromEntries(Object.keys(rows).map((name) => [name, gather(rows[name], indices, recipe.batch)])) : await answerAll(inputs)
			return session.run({ images: inputs, target, known, teachers: answers, seed: recipe.seed, epoch, pass: number }, current)
		},
		async close() {
			await source.close()
			await session.release()
			for (const teacher of sessions) await teacher?.release()
		},
	}
}

/** Whether the teachers see each image always the same, and their answers have room. */
function canKeep({ recipe, dataSet }: PreparedRun, graph: TrainingGraph): boolean {
	if (!changesNothing(recipe.augmentation)) return false
	const values = graph.teacherInputs.flat().reduce((sum, { dims }) => sum + dims.slice(1).reduce((product, size) => product * size, 1), 0)
	return values * 4 * dataSet.samples.length <= MOST_KEPT
}
