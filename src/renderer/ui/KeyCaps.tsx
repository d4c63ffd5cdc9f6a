import { shownKey } from '../app/keys.ts'

/** Keys as small caps, several side by side; a dash where there are none. */
export function KeyCaps({ keys }: { keys: string[] }) {
	return (
		<span className="key-caps">
			{keys.map((key) => <kbd className="key" key={key}>{shownKey(key)}</kbd>)}
		</span>
	)
}
