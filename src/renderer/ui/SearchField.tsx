import './searchField.css'
import { Search } from 'lucide-react'
import { useEffect, useRef, useState, type RefObject } from 'react'

const TYPING_MILLISECONDS = 120

interface SearchFieldProps {
	field: RefObject<HTMLInputElement | null>
	/** The search that applies now. */
	search: string
	onSearch(search: string): void
	/** Gives the keyboard to what was found. */
	onDown(): void
	/** What is searched, in short. */
	placeholder: string
	title: string
}

/** A search that applies while one types, a little later than each key; at once with Enter, and Escape clears it. */
export function SearchField({ field, search, onSearch, onDown, placeholder, title }: SearchFieldProps) {
	const [text, setText] = useState(search)
	const [known, setKnown] = useState(search)
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
	// It was cleared from elsewhere.
	if (known !== search) {
		setKnown(search)
		setText(search)
	}
	useEffect(() => () => clearTimeout(timer.current), [])

	function apply(value: string): void {
		clearTimeout(timer.current)
		setKnown(value)
		if (value !== search) onSearch(value)
	}

	return (
		<span className="search-field">
			<Search aria-hidden />
			<input
				ref={field} type="text" aria-label="Search" placeholder={placeholder} title={title} dir="auto" maxLength={200} autoComplete="off" spellCheck={false} value={text}
				onChange={(event) => {
					const { value } = event.target
					setText(value)
					clearTimeout(timer.current)
					timer.current = setTimeout(() => {
						// Unless it was cleared from elsewhere meanwhile.
						if (event.target.value === value) apply(value)
					}, TYPING_MILLISECONDS)
				}}
				onKeyDown={(event) => {
					if (event.key === 'ArrowDown' || event.key === 'Enter') {
						apply(text)
						onDown()
					} else if (event.key === 'Escape' && text !== '') {
						setText('')
						apply('')
					} else return
					event.preventDefault()
				}}
			/>
		</span>
	)
}
