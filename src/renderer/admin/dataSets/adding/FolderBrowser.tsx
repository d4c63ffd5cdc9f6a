import { ArrowUp, Folder, HardDrive, House } from 'lucide-react'
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import type { FolderList } from '../../../../common/contract/training/dataSets.ts'
import { client } from '../../../app/client.ts'
import { folderTyped, foldersBeginning, isSameFolder, openPath, typedPath } from './folderPath.ts'

const TYPING_MILLISECONDS = 120
/** Letters that follow one another so quickly are one name. */
const LETTERS_MILLISECONDS = 700

/**
 * Folders of the machine, level by level. The field completes what is typed; in the list Enter descends and Backspace goes up.
 * @param begin the folder to begin in; null: the home folder.
 * @param isSeen a folder was looked at already.
 */
export function FolderBrowser({ begin, isSeen, onUse }: { begin: string | null; isSeen: boolean; onUse(folder: string): void }) {
	const [text, setText] = useState(begin === null ? '' : openPath(begin))
	/** What is listed next. from: the folder that was left upwards; the keyboard stays on it. */
	const [wanted, setWanted] = useState<{ folder: string | null; from: string | null }>({ folder: begin, from: null })
	const [list, setList] = useState<FolderList | null>(null)
	const [fault, setFault] = useState('')
	const [active, setActive] = useState(-1)
	const field = useRef<HTMLInputElement>(null)
	const rows = useRef<HTMLUListElement>(null)
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
	const letters = useRef({ text: '', at: 0 })
	const id = useId()

	const typed = typedPath(text)
	const isListed = list !== null && typed !== null && isSameFolder(typed.folder, list.folder)
	const shown = isListed ? foldersBeginning(list.folders, typed.beginning) : []
	const at = Math.min(active, shown.length - 1)
	const activeId = at >= 0 ? `${id}-${at}` : undefined

	useEffect(() => {
		let over = false
		function take(found: FolderList): void {
			setList(found)
			setFault('')
			// Who types at once is not interrupted.
			if (wanted.folder === null) setText((typedMeanwhile) => typedMeanwhile || openPath(found.folder))
			if (wanted.from !== null) setActive(found.folders.findIndex(({ path }) => path === wanted.from))
			else if (rows.current === document.activeElement) setActive(0)
		}
		client.call('dataSets.folders', { folder: wanted.folder }).then(
			(found) => void (over || take(found)),
			(error: unknown) => void (over || setFault(error instanceof Error ? error.message : String(error))),
		)
		return () => void (over = true)
	}, [wanted])
	useEffect(() => {
		field.current?.focus()
		return () => clearTimeout(timer.current)
	}, [])
	useEffect(() => {
		document.getElementById(activeId ?? '')?.scrollIntoView({ block: 'nearest' })
	}, [activeId])

	function go(folder: string, from: string | null = null): void {
		clearTimeout(timer.current)
		setText(openPath(folder))
		setActive(-1)
		setWanted({ folder, from })
	}
	function goUp(): void {
		if (list?.parent) go(list.parent, list.folder)
	}

	function type(value: string): void {
		setText(value)
		setActive(-1)
		setFault('')
		const next = typedPath(value)
		clearTimeout(timer.current)
		if (next && !(list && isSameFolder(next.folder, list.folder))) timer.current = setTimeout(() => setWanted({ folder: next.folder, from: null }), TYPING_MILLISECONDS)
	}

	/** Arrows move among the folders in sight. @returns whether the key was one of these. */
	function move(event: KeyboardEvent): boolean {
		const target = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10 }[event.key]
		if (target === undefined || shown.length === 0 || event.ctrlKey || event.altKey || event.metaKey) return false
		setActive(Math.max(0, Math.min(shown.length - 1, target)))
		event.preventDefault()
		return true
	}

	function pressInField(event: KeyboardEvent): void {
		if (move(event) || event.key !== 'Enter') return
		event.preventDefault()
		const [first] = shown
		const whole = typed && (typed.beginning === '' || shown.find(({ path }) => isSameFolder(path, text)) !== undefined)
		const folder = shown[at]
		if (folder) go(folder.path)
		else if (whole || !first) onUse(text.trim())
		else go(first.path)
	}

	function pressInList(event: KeyboardEvent): void {
		const folder = shown[at]
		if (move(event)) return
		if (event.key === 'Home' || event.key === 'End') setActive(event.key === 'Home' ? 0 : shown.length - 1)
		else if ((event.key === 'Enter' || event.key === 'ArrowRight') && folder) go(folder.path)
		else if (event.key === 'Backspace' || event.key === 'ArrowLeft') goUp()
		else if (event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.altKey && !event.metaKey) {
			const isQuick = event.timeStamp - letters.current.at < LETTERS_MILLISECONDS
			letters.current = { text: `${isQuick ? letters.current.text : ''}${event.key}`, at: event.timeStamp }
			const found = folderTyped(shown, at, letters.current.text)
			if (found >= 0) setActive(found)
		} else return
		event.preventDefault()
	}

	return (
		<section className="adding-browser" aria-label="Folder">
			<h2>Folder</h2>
			<div className="adding-places">
				<button className="quiet" disabled={!list?.parent} onClick={goUp}><ArrowUp aria-hidden />Up</button>
				{list?.places.map((place, index) => (
					<button key={place} className="quiet" title={place} onClick={() => go(place)}>{index === 0 ? <House aria-hidden /> : <HardDrive aria-hidden />}{index === 0 ? 'Home folder' : place}</button>
				))}
			</div>
			<input
				ref={field}
				className="adding-field"
				role="combobox"
				aria-label="Path of the folder"
				aria-expanded={shown.length > 0}
				aria-controls={`${id}-list`}
				aria-activedescendant={activeId}
				aria-autocomplete="list"
				aria-invalid={fault !== '' || (text !== '' && !typed)}
				placeholder="A path from the root"
				autoComplete="off"
				spellCheck={false}
				maxLength={4096}
				value={text}
				onChange={(event) => type(event.target.value)}
				onKeyDown={pressInField}
			/>
			<ul ref={rows} id={`${id}-list`} className="adding-folders" role="listbox" aria-label="Folders" tabIndex={0} aria-activedescendant={activeId} onKeyDown={pressInList} onFocus={() => at < 0 && shown.length > 0 && setActive(0)}>
				{shown.map(({ name, path }, index) => (
					<li key={path} id={`${id}-${index}`} role="option" aria-selected={index === at} title={name} onClick={() => go(path)}>
						<Folder aria-hidden /><span className="cut"><bdi>{name}</bdi></span>
					</li>
				))}
			</ul>
			<p className="adding-note muted" role="status">
				{fault !== '' ? `${fault} Check the path, or choose another folder.` : text !== '' && !typed ? 'Name the folder from the root on.' : noteOf(list, shown.length, typed?.beginning ?? '')}
			</p>
			<button className={isSeen ? undefined : 'primary'} disabled={!typed} onClick={() => onUse(text.trim())}>Use this folder</button>
		</section>
	)
}

function noteOf(list: FolderList | null, shown: number, beginning: string): string {
	if (!list) return 'Looking at the folders…'
	if (list.folders.length === 0) return 'There is no folder in this one.'
	if (shown === 0) return beginning === '' ? 'Looking at the folders…' : 'No folder here begins so.'
	return list.more ? 'There are more folders than are listed: type the path.' : 'Enter opens a folder, Backspace goes up.'
}
