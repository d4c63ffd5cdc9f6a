import { useEffect, useState } from 'react'

/**
 * What the main program answers to a question (the same function on every render; null: not asked).
 * @param version asked again when it changes; the older answer stays until then.
 */
export function useQuestion<Value>(question: (() => Promise<Value>) | null, version = ''): { value: Value | null; fault: string; retry(): void } {
	const [answer, setAnswer] = useState<{ of: typeof question; asked: string; value: Value | null; fault: string }>({ of: null, asked: '', value: null, fault: '' })
	const [attempt, setAttempt] = useState(0)
	const asked = `${attempt} ${version}`
	useEffect(() => {
		if (!question) return
		let over = false
		question().then(
			(value) => over || setAnswer({ of: question, asked, value, fault: '' }),
			(error: unknown) => over || setAnswer({ of: question, asked, value: null, fault: error instanceof Error ? error.message : String(error) }),
		)
		return () => {
			over = true
		}
	}, [question, asked])
	// An answer to another question is none, and a fault is that of its own attempt.
	const isOwn = answer.of === question
	return { value: isOwn ? answer.value : null, fault: isOwn && answer.asked === asked ? answer.fault : '', retry: () => setAttempt((before) => before + 1) }
}
