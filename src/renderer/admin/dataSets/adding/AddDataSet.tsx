import { ArrowLeft } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Recognition } from '../../../../common/contract/training/dataSets.ts'
import { client } from '../../../app/client.ts'
import { useRoomCommands } from '../../../app/useRoomCommands.ts'
import { goToList } from '../dataSetsStore.ts'
import { FolderBrowser } from './FolderBrowser.tsx'
import { RecognisedFolder } from './RecognisedFolder.tsx'

type Look = { phase: 'none' } | { phase: 'looking'; folder: string } | { phase: 'seen'; recognition: Recognition } | { phase: 'failed'; message: string }

/** A folder is chosen, what it holds is recognised, and it becomes a data set. @param begin the folder to look at first; null: none yet. */
export function AddDataSet({ folder: begin }: { folder: string | null }) {
	const [look, setLook] = useState<Look>(begin === null ? { phase: 'none' } : { phase: 'looking', folder: begin })
	useEffect(() => {
		if (look.phase !== 'looking') return
		let over = false
		client.call('dataSets.recognise', { folder: look.folder }).then(
			(recognition) => void (over || setLook({ phase: 'seen', recognition })),
			(error: unknown) => void (over || setLook({ phase: 'failed', message: error instanceof Error ? error.message : String(error) })),
		)
		return () => void (over = true)
	}, [look])
	useRoomCommands([{ id: 'dataSets.back', title: 'Back to the list of data sets', group: 'Data sets', keys: 'Escape', run: goToList }])

	return (
		<div className="adding">
			<header className="data-sets-head">
				<button className="quiet" onClick={goToList}><ArrowLeft aria-hidden />Data sets</button>
				<h1>Add a data set</h1>
			</header>
			<div className="adding-steps">
				<FolderBrowser begin={begin} isSeen={look.phase === 'seen'} onUse={(folder) => setLook({ phase: 'looking', folder })} />
				<section className="adding-found" aria-label="What the folder holds" aria-busy={look.phase === 'looking'}>
					<h2>What it holds</h2>
					<div role="status">
						{look.phase === 'none' && <p className="muted">Choose the folder that holds the images and, where there is one, the table that lists them; then press Use this folder. It is only looked at: nothing is ever changed in it.</p>}
						{look.phase === 'looking' && <p className="muted">Looking at the names and tables in <bdi className="adding-path">{look.folder}</bdi>. This takes some seconds.</p>}
					</div>
					{look.phase === 'failed' && <p role="alert" className="data-set-reason danger selectable">{look.message} Choose another folder.</p>}
					{look.phase === 'seen' && <RecognisedFolder key={look.recognition.folder} recognition={look.recognition} />}
				</section>
			</div>
		</div>
	)
}
