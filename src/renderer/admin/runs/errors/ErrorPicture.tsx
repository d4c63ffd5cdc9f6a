import { useEffect, useState } from 'react'
import { routes } from '../../../../common/contract/procedures.ts'

/** The picture of an image that a run has answered on; a few words where there is none. */
export function ErrorPicture({ id, image, size, alt, onSize, onBroken }: { id: string; image: string; size: 'small' | 'large'; alt: string; onSize?(size: { width: number; height: number }): void; onBroken?(): void }) {
	const [broken, setBroken] = useState(false)
	if (broken) return <span className="error-picture muted">No picture</span>
	return (
		<span className="error-picture">
			<img
				src={routes.runPicture(id, image, size)} alt={alt} draggable={false} loading={size === 'small' ? 'lazy' : 'eager'}
				onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => onSize?.({ width, height })}
				onError={() => {
					setBroken(true)
					onBroken?.()
				}}
			/>
		</span>
	)
}

/** Why there is no picture, in a sentence; '' while nobody knows. A picture element does not tell. */
export function useReasonOfPicture(id: string, image: string, broken: boolean): string {
	const [reason, setReason] = useState('')
	useEffect(() => {
		if (!broken) return
		const controller = new AbortController()
		fetch(routes.runPicture(id, image, 'large'), { signal: controller.signal })
			.then(async (response) => setReason(response.ok ? '' : (await response.text()).trim()))
			.catch(() => {})
		return () => controller.abort()
	}, [broken, id, image])
	return reason
}
