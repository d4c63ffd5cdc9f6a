import '../dataSets/dataSets.css'
import { X } from 'lucide-react'
import { Dialog } from '../../ui/Dialog.tsx'
import { FolderBrowser } from '../dataSets/adding/FolderBrowser.tsx'

/** The folders of the machine, to choose the one that holds the films. @param begin the folder to begin in; null: the home folder. */
export function FolderDialog({ begin, onUse, onClose }: { begin: string | null; onUse(folder: string): void; onClose(): void }) {
	return (
		<Dialog label="Folder of the films" className="promotion-browse" onClose={onClose}>
			<button type="button" className="quiet icon promotion-browse-close" aria-label="Close" onClick={onClose}><X aria-hidden /></button>
			<FolderBrowser begin={begin} isSeen={false} onUse={onUse} />
		</Dialog>
	)
}
