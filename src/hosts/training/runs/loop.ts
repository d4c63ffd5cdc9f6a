import { join } from 'node:path'
import { UserError } from '../../../common/contract/procedures.ts'
import type { Best, MetricEvent, Position, RunProgress } from '../../../common/contract/training/run.ts'
import type { Weights } from '../../../onnx/network.ts'
import { saveBest, saveCheckpoint } from './checkpoint.ts'
import { CHECKPOINTS, METRICS } from './folder.ts'
import { openMetrics } from './metrics.ts'

/** What a run consists of, whatever the network and the data are. Weights and everything that belongs to them are changed in place. */
export interface Work {
	epochs: number
	stepsPerEpoch: number
	imagesPerStep: number
	/**
	 * Takes the step with this number within the epoch, both from 0.
	 * @throws NotFiniteError where the loss or the gradient is no number.
	 */
	step(epoch: number, stepOfEpoch: number): Promise<{ loss: number; parts: Record<string, number>; learningRate: number; gradientNorm: number; size: number }>
	/** Null where the epoch (from 0) is one after which nothing is validated. */
	validate(epoch: number): Promise<{ size: number; weights: 'trained' | 'average'; metrics: Record<string, number | null>; monitored: { metric: string; value: number; lessIsBetter: boolean } } | null>
	/** Everything that a checkpoint must bring back, by group; the live arrays. */
	state(): ReadonlyMap<string, Weights>
	/** What was validated and would be exported. */
	validated(): Weights
}

/** A number of a step is none: the run cannot go on. */
export class NotFiniteError extends Error {
	readonly what: string
	readonly value: number
	constructor(what: string, value: number) {
		super(`The ${what} is ${String(value)}.`)
		this.what = what
		this.value = value
	}
}

export interface LoopOptions {
	directory: string
	position: Position
	checkpointEverySteps: number
	/** Looked at between steps: the loop then saves a checkpoint and returns. */
	stop: AbortSignal
	/** Asked before each step; the loop goes on when it resolves. */
	turn(): Promise<void>
	progress(value: RunProgress): void
	/** After each checkpoint. */
	onCheckpoint(position: Position): void
}

export const START: Position = { step: 0, epoch: 0, stepOfEpoch: 0, metricsBytes: 0, best: null, loss: null, seconds: 0 }

/** A better or worse latest step changes the estimate of the time left by this much. */
const SPEED_SHARE = 0.1

/**
 * Steps from a position to the end of the last epoch or until it is told to stop, with a validation after each epoch and a checkpoint after both and
 * every so many steps. What lies on the disk is always a checkpoint and the metrics up to it, or more metrics, which are cut off on resume.
 * @returns the position of the last checkpoint.
 * @throws UserError where the loss is no number any more, or the disk is full.
 */
export async function runLoop(work: Work, options: LoopOptions): Promise<Position> {
	const { directory, stop, progress } = options
	const checkpoints = join(directory, CHECKPOINTS)
	const metrics = openMetrics(join(directory, METRICS), options.position.metricsBytes)
	const steps = work.epochs * work.stepsPerEpoch
	let position = options.position
	let secondsPerStep: number | null = null
	let stepsHere = 0

	function tell(metric: MetricEvent): void {
		metrics.append(metric)
		const perStep = secondsPerStep ?? 0
		progress({ kind: 'metric', metric, steps, imagesPerSecond: perStep > 0 ? work.imagesPerStep / perStep : 0, secondsLeft: (steps - metric.step) * perStep })
	}

	function checkpoint(): void {
		position = { ...position, metricsBytes: metrics.flush() }
		saveCheckpoint(checkpoints, { position, groups: work.state() })
		options.onCheckpoint(position)
		progress({ kind: 'checkpoint', step: position.step })
	}

	async function validate(epoch: number): Promise<void> {
		const result = await work.validate(epoch)
		if (!result) return
		const { metric, value, lessIsBetter } = result.monitored
		const best = position.best === null || (lessIsBetter ? value < position.best.value : value > position.best.value)
		if (best) {
			const found: Best = { step: position.step, epoch: epoch + 1, metric, value }
			position = { ...position, best: found }
			saveBest(checkpoints, { position, groups: new Map([['weights', work.validated()]]) })
		}
		tell({ event: 'validation', step: position.step, epoch: epoch + 1, size: result.size, weights: result.weights, metrics: result.metrics, best })
	}

	try {
		let sinceCheckpoint = 0
		while (position.step < steps) {
			await options.turn()
			if (stop.aborted) break
			const started = performance.now()
			const { epoch, stepOfEpoch } = position
			const outcome = await work.step(epoch, stepOfEpoch).catch((error: unknown) => {
				if (!(error instanceof NotFiniteError)) throw error
				const last = position.loss === null ? 'There was no finite loss before it' : `The last finite loss was ${position.loss.toPrecision(6)} at step ${position.step}`
				throw new UserError(`The ${error.what} of step ${position.step + 1} (epoch ${epoch + 1}) is ${String(error.value)}. ${last}. The run stops here; its checkpoints are as they were. A smaller learning rate or clipping (optimisation.gradientNorm) helps most often.`)
			})
			const last = (performance.now() - started) / 1000
			// The first step of a process makes what the others use again: it counts until there is a second one.
			stepsHere++
			secondsPerStep = secondsPerStep === null || stepsHere === 2 ? last : secondsPerStep + SPEED_SHARE * (last - secondsPerStep)
			const ended = stepOfEpoch + 1 === work.stepsPerEpoch
			position = { ...position, step: position.step + 1, epoch: ended ? epoch + 1 : epoch, stepOfEpoch: ended ? 0 : stepOfEpoch + 1, loss: outcome.loss, seconds: position.seconds + last }
			tell({ event: 'step', step: position.step, epoch: epoch + 1, ...outcome })
			if (ended) {
				const began = performance.now()
				await validate(epoch)
				position = { ...position, seconds: position.seconds + (performance.now() - began) / 1000 }
			}
			sinceCheckpoint++
			if (ended || sinceCheckpoint >= options.checkpointEverySteps) {
				checkpoint()
				sinceCheckpoint = 0
			}
			// Messages are read between two rounds of immediates: a pause must be heard although every step blocks this thread.
			await turn()
			await turn()
		}
		if (sinceCheckpoint > 0) checkpoint()
		return position
	} finally {
		metrics.close()
	}
}

function turn(): Promise<void> {
	return new Promise((resolve) => void setImmediate(resolve))
}
