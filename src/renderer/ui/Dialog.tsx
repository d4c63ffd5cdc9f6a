import './dialog.css'
import { useLayoutEffect, useRef, type ReactNode } from 'react'

/** A native dialog over the room: it holds the keyboard until Escape or a press beside it, then gives it back. */
export function Dialog({ label, className = '', onClose, children }: { label: string; className?: string; onClose(): void; children: ReactNode }) {
	const element = useRef<HTMLDialogElement>(null)
	// Closed while it is still in the page: only then does the keyboard go back to what had it.
	useLayoutEffect(() => {
		const dialog = element.current
		dialog?.showModal()
		// showModal takes the first thing that can have the keyboard; a dialog may name a better one.
		dialog?.querySelector<HTMLElement>('[data-first]')?.focus()
		return () => dialog?.close()
	}, [])
	return (
		// The press beside the dialog is a convenience; the keyboard has Escape.
		<dialog
			ref={element}
			className={`dialog ${className}`}
			aria-label={label}
			onCancel={(event) => {
				event.preventDefault()
				onClose()
			}}
			onPointerDown={(event) => {
				if (event.target === event.currentTarget) onClose()
			}}
		>
			{children}
		</dialog>
	)
}
