import type { AnsweredSplit } from '../../../../common/contract/training/review.ts'

/** The images of a split that a run's model is most wrong about. */
export function WorstErrors({ id, split }: { id: string; split: AnsweredSplit }) {
	return <p>{id} {split}</p>
}
