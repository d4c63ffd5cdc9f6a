import { CircleCheck, CircleDashed } from 'lucide-react'
import type { LearningSet } from '../../../common/contract/learning.ts'
import { cancelMaking, useLearning } from './learningStore.ts'
import { progressInWords } from './learningWords.ts'

/** Whether there is enough to learn from, in a word and a sign. */
export function SetTag({ set }: { set: LearningSet }) {
	const isEnough = set.missing.length === 0
	const Icon = isEnough ? CircleCheck : CircleDashed
	return <span className={isEnough ? 'tag accent' : 'tag'}><Icon size={12} aria-hidden />{isEnough ? 'Enough to learn from' : 'Too little to learn from'}</span>
}

/** How far the data set is that is being written, with a button that ends it; nothing where none is. */
export function MakingProgress() {
	const making = useLearning((state) => state.making)
	if (!making) return null
	const title = making.title === '' ? 'a data set' : making.title
	return (
		<div className="data-set-progress">
			<progress aria-label={`Writing ${title}`} max={1} value={making.of > 0 ? making.done / making.of : undefined} />
			<span className="numbers cut">Writing <bdi>{title}</bdi>: {progressInWords(making)}</span>
			<button aria-label={`Cancel writing ${title}`} onClick={() => void cancelMaking()}>Cancel</button>
		</div>
	)
}
