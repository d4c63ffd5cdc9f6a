import { useEffect, useState } from 'react'
import { routes } from '../../../common/contract/procedures.ts'

/** A picture that is scrolled past so quickly is not asked for. */
const WAIT_MILLISECONDS = 60

/** The picture of a sample, as the last survey saw it; a few words where there is none. */
export function SamplePicture({ dataSetId, image, alt, onBroken }: { dataSetId: number; image: string; alt: string; onBroken?(): void }) {
	const [phase, setPhase] = useState<'waiting' | 'wanted' | 'broken'>('waiting')
	useEffect(() => {
		const timer = setTimeout(() => setPhase('wanted'), WAIT_MILLISECONDS)
		return () => clearTimeout(timer)
	}, [])
	if (phase === 'broken') return <span className="sample-picture muted">No picture</span>
	return (
		<span className="sample-picture">
			{phase === 'wanted' && (
				<img
					src={routes.samplePicture(dataSetId, image)} alt={alt} draggable={false} loading="lazy"
					onError={() => {
						setPhase('broken')
						onBroken?.()
					}}
				/>
			)}
		</span>
	)
}
