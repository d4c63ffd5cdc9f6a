import { useRef, useState, type DragEvent, type ReactNode } from 'react'
import { importPackFile } from './promotionStore.ts'

/** Takes a model pack that is dropped on the section; elsewhere in the window, what is dropped is taken for films. */
export function PackDrop({ children }: { children: ReactNode }) {
	const [isOver, setOver] = useState(false)
	// Every element that is crossed sends an enter and a leave: the pointer is outside when they balance.
	const depth = useRef(0)
	function take(event: DragEvent, change: number): boolean {
		if (!event.dataTransfer.types.includes('Files')) return false
		event.preventDefault()
		event.stopPropagation()
		depth.current = Math.max(0, depth.current + change)
		setOver(depth.current > 0)
		return true
	}
	return (
		<div
			className={isOver ? 'promotion dropping' : 'promotion'}
			onDragEnter={(event) => void take(event, 1)}
			onDragOver={(event) => void take(event, 0)}
			onDragLeave={(event) => void take(event, -1)}
			onDrop={(event) => {
				const [file] = event.dataTransfer.files
				if (!take(event, -depth.current) || !file) return
				void importPackFile(file)
			}}
		>
			{children}
			{isOver && <p className="promotion-drop" aria-hidden>Drop a model pack to import it as a candidate</p>}
		</div>
	)
}
