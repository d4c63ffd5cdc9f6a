import { useEffect, useState } from 'react'

/** A picture that is scrolled past so quickly is not asked for. */
const WAIT_MILLISECONDS = 60

/** The picture of a tile, by its address; a few words where there is none. */
export function TilePicture({ source, alt, onBroken }: { source: string; alt: string; onBroken?(): void }) {
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
					src={source} alt={alt} draggable={false} loading="lazy"
					onError={() => {
						setPhase('broken')
						onBroken?.()
					}}
				/>
			)}
		</span>
	)
}
