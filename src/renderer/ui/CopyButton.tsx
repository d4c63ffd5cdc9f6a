import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { showError } from '../app/notices.ts'

/** Copies text that is made when it is asked for. */
export function CopyButton({ text, title }: { text: () => string; title: string }) {
	const [copied, setCopied] = useState(false)
	async function copy(): Promise<void> {
		try {
			await navigator.clipboard.writeText(text())
			setCopied(true)
			setTimeout(() => setCopied(false), 2000)
		} catch {
			showError(new Error('The text could not be copied: the browser did not allow the clipboard. Select the text and copy it instead.'))
		}
	}
	return (
		<button onClick={() => void copy()}>
			{copied ? <Check aria-hidden /> : <Copy aria-hidden />}
			{copied ? 'Copied' : title}
		</button>
	)
}
