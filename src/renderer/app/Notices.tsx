import { CircleAlert, Info, TriangleAlert, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { CopyButton } from '../ui/CopyButton.tsx'
import { useNotices, type NoticeEntry } from './notices.ts'

const ICONS = { info: Info, warning: TriangleAlert, error: CircleAlert } as const
/** Long enough to read and to reach the undo; warnings and errors stay until they are put away. */
const INFO_MILLISECONDS = 6_000
const ACTION_MILLISECONDS = 12_000

/** Messages that never take the keyboard. */
export function Notices() {
	const notices = useNotices((state) => state.notices)
	return (
		<section className="notices" aria-label="Notices">
			<div aria-live="polite" aria-relevant="additions">
				{notices.map((notice) => <NoticeView key={notice.id} notice={notice} />)}
			</div>
		</section>
	)
}

function NoticeView({ notice }: { notice: NoticeEntry }) {
	const dismiss = useNotices((state) => state.dismiss)
	const [held, setHeld] = useState(false)
	const [open, setOpen] = useState(false)
	const Icon = ICONS[notice.level]
	const stays = notice.level !== 'info' || held
	const lasts = notice.action ? ACTION_MILLISECONDS : INFO_MILLISECONDS
	useEffect(() => {
		if (stays) return
		const timer = setTimeout(() => dismiss(notice.id), lasts)
		return () => clearTimeout(timer)
	}, [stays, lasts, dismiss, notice.id])
	return (
		<article
			className={`notice notice-${notice.level}`}
			role={notice.level === 'error' ? 'alert' : undefined}
			onPointerEnter={() => setHeld(true)}
			onPointerLeave={() => setHeld(false)}
			onFocus={() => setHeld(true)}
			onBlur={() => setHeld(false)}
		>
			<Icon aria-hidden className="notice-icon" />
			<div className="notice-text">
				<p className="selectable" dir="auto">{notice.message}</p>
				{notice.detail !== '' && (
					<div className="notice-more">
						<button className="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? 'Hide details' : 'Details'}</button>
						<CopyButton text={() => `${notice.message}\n${notice.detail}`} title="Copy details" />
					</div>
				)}
				{open && <pre className="selectable">{notice.detail}</pre>}
			</div>
			{notice.action && (
				<button
					onClick={() => {
						notice.action?.run()
						dismiss(notice.id)
					}}
				>
					{notice.action.title}
				</button>
			)}
			<button className="quiet icon" aria-label="Dismiss" onClick={() => dismiss(notice.id)}>
				<X aria-hidden />
			</button>
		</article>
	)
}
