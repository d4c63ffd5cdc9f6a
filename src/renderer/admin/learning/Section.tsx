import '../dataSets/dataSets.css'
import './learning.css'
import { useEffect } from 'react'
import { useLearning, watchLearning } from './learningStore.ts'
import { SetList } from './SetList.tsx'
import { SetView } from './SetView.tsx'

/** What readers decided of the networks' answers, on its way to a data set. */
export function Section() {
	const place = useLearning((state) => state.place)
	useEffect(watchLearning, [])
	return place.at === 'list' ? <SetList /> : <SetView key={place.key} setKey={place.key} tab={place.tab} />
}
