import { Import } from 'lucide-react'
import { useEffect, useState } from 'react'
import { importDropped } from './import/imports.ts'

/** Takes files and folders that are dropped anywhere in the window. */
export function DropTarget() {
	const [over, setOver] = useState(false)
	useEffect(() => {
		// Every element that is crossed sends an enter and a leave: the pointer is outside when they balance.
		let depth = 0
		const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
		const handlers: [string, (event: DragEvent) => void][] = [
			['dragenter', (event) => {
				if (!hasFiles(event)) return
				event.preventDefault()
				depth += 1
				setOver(true)
			}],
			['dragover', (event) => {
				if (!hasFiles(event) || !event.dataTransfer) return
				event.preventDefault()
				event.dataTransfer.dropEffect = 'copy'
			}],
			['dragleave', (event) => {
				if (!hasFiles(event)) return
				depth = Math.max(0, depth - 1)
				if (depth === 0) setOver(false)
			}],
			['drop', (event) => {
				if (!hasFiles(event) || !event.dataTransfer) return
				event.preventDefault()
				depth = 0
				setOver(false)
				importDropped(event.dataTransfer.items)
			}],
		]
		for (const [name, handler] of handlers) window.addEventListener(name, handler as EventListener)
		return () => {
			for (const [name, handler] of handlers) window.removeEventListener(name, handler as EventListener)
		}
	}, [])
	if (!over) return null
	return (
		<div className="drop-target" aria-hidden>
			<Import />
			<p>Drop files or folders to import them</p>
			<p className="muted">DICOM, PNG, JPEG, TIFF and ZIP; folders are searched to the bottom</p>
		</div>
	)
}
