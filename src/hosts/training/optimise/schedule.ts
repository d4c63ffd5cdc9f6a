import type { Schedule } from '../../../common/contract/training/optimiser.ts'

/** Where a run stands: all counted in steps of the optimiser. */
export interface Progress {
	/** The step to be taken, from 0. */
	step: number
	steps: number
	stepsPerEpoch: number
}

/** Steps in which the rate grows: whole ones, and one less than the run at most. */
function warmUpSteps(schedule: Schedule, { steps, stepsPerEpoch }: Progress): number {
	return Math.min(Math.round(schedule.warmUpEpochs * stepsPerEpoch), Math.max(steps - 1, 0))
}

/**
 * Factor of the learning rate for a step: torch's LinearLR over the warm-up, then CosineAnnealingLR over what is left, or MultiStepLR with
 * its epochs counted from the start of the run, or 1.
 */
export function learningRateFactor(schedule: Schedule, progress: Progress): number {
	const { step, steps, stepsPerEpoch } = progress
	const warmUp = warmUpSteps(schedule, progress)
	if (step < warmUp) return schedule.warmUpStart + ((1 - schedule.warmUpStart) * step) / warmUp
	if (schedule.kind === 'cosine') return schedule.final + ((1 - schedule.final) * (1 + Math.cos((Math.PI * (step - warmUp)) / Math.max(steps - warmUp, 1)))) / 2
	if (schedule.kind === 'step') return schedule.stepFactor ** schedule.stepEpochs.filter((epoch) => step >= Math.round(epoch * stepsPerEpoch)).length
	return 1
}
