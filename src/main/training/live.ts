import type { EventPayload } from '../../common/contract/procedures.ts'
import type { TrainingLive } from '../../common/contract/training/desk.ts'
import { addStep, noSteps, validationOf, type Validation } from '../../common/contract/training/review.ts'
import type { RunProgress } from '../../common/contract/training/run.ts'

/** What the run that works says of itself, gathered so that windows are told now and then. */
export interface LiveRun {
	live(): TrainingLive
	take(progress: RunProgress): void
	/** Says whether the run waits for the reading desk. */
	giveWay(gives: boolean): void
	/** Tells what is left; nothing is told afterwards. */
	end(): void
}

/** Between two events. A person sees no more than four changes a second. */
const TELL_MILLISECONDS = 250

export function createLiveRun(id: string, tell: (progress: EventPayload<'training.progress'>) => void): LiveRun {
	let live: TrainingLive = { phase: null, step: 0, steps: 0, epoch: 0, epochs: 0, imagesPerSecond: null, secondsLeft: null, loss: null, validation: null, givesWay: false }
	let steps = noSteps()
	let validations: Validation[] = []
	let timer: NodeJS.Timeout | null = null
	let toldAt = 0
	let ended = false

	function flush(): void {
		if (timer) clearTimeout(timer)
		timer = null
		toldAt = performance.now()
		tell({ id, live, steps, validations })
		steps = noSteps()
		validations = []
	}

	function change(part: Partial<TrainingLive>): void {
		live = { ...live, ...part }
		if (timer || ended) return
		timer = setTimeout(flush, Math.max(0, toldAt + TELL_MILLISECONDS - performance.now()))
		timer.unref()
	}

	return {
		live: () => live,
		take(progress) {
			switch (progress.kind) {
				case 'phase': return change({ phase: { name: progress.phase, done: progress.done, of: progress.of } })
				case 'started':
					// Every epoch has as many steps.
					return change({ phase: null, step: progress.step, steps: progress.steps, epoch: Math.floor((progress.step * progress.epochs) / progress.steps), epochs: progress.epochs })
				case 'metric': {
					const { metric, imagesPerSecond, secondsLeft } = progress
					if (metric.event === 'validation') {
						const validation = validationOf(metric)
						validations.push(validation)
						return change({ validation, epoch: metric.epoch })
					}
					addStep(steps, metric)
					return change({ phase: null, step: metric.step, epoch: metric.epoch - 1, loss: metric.loss, imagesPerSecond, secondsLeft })
				}
				default:
			}
		},
		giveWay: (givesWay) => change({ givesWay }),
		end() {
			ended = true
			flush()
		},
	}
}
