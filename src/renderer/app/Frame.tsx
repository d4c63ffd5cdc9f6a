import './frame.css'
import { lazy, Suspense } from 'react'
import { useNavigation } from './navigation.ts'

const ReadingRoom = lazy(() => import('../reading/ReadingRoom.tsx').then((module) => ({ default: module.ReadingRoom })))

/** Everything around the rooms. */
export function Frame() {
	const room = useNavigation((state) => state.room)
	return (
		<div className="frame">
			<Suspense fallback={null}>{room === 'reading' && <ReadingRoom />}</Suspense>
		</div>
	)
}
