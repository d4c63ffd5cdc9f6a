import { createStore, type StoreApi } from 'zustand'
import type { StepColumns, Validation } from '../../../../common/contract/training/review.ts'
import { client } from '../../../app/client.ts'
import { createLineData, type LineData } from '../../charts/lineData.ts'

/** Names of the lines of `steps`; parts of the loss have `partLine` before their own. */
export const LOSS = 'loss', VALIDATION_LOSS = 'validation loss', LEARNING_RATE = 'learning rate', GRADIENT_NORM = 'gradient norm'

export function partLine(part: string): string {
	return `part ${part}`
}

export interface RunMetricsState {
	/** A point for each step, at those with a validation with its loss. */
	steps: LineData
	/** A point for each validation; the lines are named after the metrics. */
	validations: LineData
	/** Parts of the loss and metrics, in the order in which they first came. */
	parts: readonly string[]
	metrics: readonly string[]
	/** Why they could not be read; '' while all is well. */
	fault: string
	/** Until all that there was is here. */
	loading: boolean
}

/** The metrics of one run: what its file has, then what is told of it. */
export interface RunMetrics {
	store: StoreApi<RunMetricsState>
	/** Keeps them as the run has them; returns what ends it. */
	watch(): () => void
}

export function createRunMetrics(id: string): RunMetrics {
	const store = createStore<RunMetricsState>(() => ({ ...nothing(), fault: '', loading: true }))
	/** What is held; steps are numbered from 1 without gaps. */
	let step = 0, validations = 0, validatedStep = 0
	let busy = false, again = false
	const watched = { now: false }

	function reset(): void {
		step = validations = validatedStep = 0
		store.setState(nothing())
	}

	function takeValidation({ step: at, metrics }: Validation): void {
		// What comes from two sides is taken once.
		if (at <= validatedStep) return
		const state = store.getState()
		state.validations.append(at, metrics)
		if (at >= step) state.steps.append(at, { [VALIDATION_LOSS]: metrics['loss'] ?? null })
		validatedStep = at
		validations += 1
		const unknown = Object.keys(metrics).filter((name) => !state.metrics.includes(name))
		if (unknown.length > 0) store.setState({ metrics: [...state.metrics, ...unknown] })
	}

	/** In the order of the steps: a point at an earlier one would mean that the run went back. */
	function take(columns: StepColumns, news: readonly Validation[]): void {
		const { steps, parts } = store.getState()
		const names = Object.keys(columns.parts)
		let next = 0
		for (const [row, at] of columns.step.entries()) {
			for (let own = news[next]; own && own.step < at; own = news[++next]) takeValidation(own)
			if (at <= step) continue
			steps.append(at, {
				[LOSS]: columns.loss[row] ?? null, [LEARNING_RATE]: columns.learningRate[row] ?? null, [GRADIENT_NORM]: columns.gradientNorm[row] ?? null,
				...Object.fromEntries(names.map((name) => [partLine(name), columns.parts[name]?.[row] ?? null])),
			})
			step = at
		}
		for (const own of news.slice(next)) takeValidation(own)
		const unknown = names.filter((name) => !parts.includes(name))
		if (unknown.length > 0) store.setState({ parts: [...parts, ...unknown] })
	}

	async function readOn(): Promise<void> {
		for (;;) {
			const answer = await client.call('training.metrics', { id, afterStep: step, afterValidations: validations })
			if (!watched.now) return
			if (answer.total.steps < step || answer.total.validations < validations) {
				reset()
				continue
			}
			take(answer.steps, answer.validations)
			if (!answer.more) return
		}
	}

	async function load(): Promise<void> {
		if (busy) {
			again = true
			return
		}
		busy = true
		do {
			again = false
			const fault = await readOn().then(() => '', (error: unknown) => (error instanceof Error ? error.message : String(error)))
			store.setState({ fault, loading: false })
		} while (again && watched.now)
		busy = false
	}

	return {
		store,
		watch() {
			watched.now = true
			const ends = [
				client.on('training.progress', (progress) => {
					if (progress.id !== id) return
					const [first] = progress.steps.step
					// Something was told that was not heard here, or is being read.
					if (busy || (first !== undefined && first > step + 1)) return void load()
					take(progress.steps, progress.validations)
				}),
				client.on('training.changed', (changed) => {
					if (changed.id === null || changed.id === id) void load()
				}),
				client.onConnection((connection) => {
					if (connection === 'open') void load()
				}),
			]
			return () => {
				watched.now = false
				for (const end of ends) end()
			}
		},
	}
}

function nothing(): Pick<RunMetricsState, 'steps' | 'validations' | 'parts' | 'metrics'> {
	return { steps: createLineData(), validations: createLineData(), parts: [], metrics: [] }
}
