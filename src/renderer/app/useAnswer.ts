import { useCallback, useEffect, useRef, useState } from 'react'
import type { EventName } from '../../common/contract/procedures.ts'
import { client } from './client.ts'

export interface Answer<Value> {
	/** Null until the first answer; an older one stays while the next is on its way. */
	value: Value | null
	/** Why there is none; '' while all is well. */
	fault: string
	reload(): void
}

/** What the main program answers to a question (the same function on every render), asked again after the given event. */
export function useAnswer<Value>(question: () => Promise<Value>, changedBy: EventName): Answer<Value> {
	const [value, setValue] = useState<Value | null>(null)
	const [fault, setFault] = useState('')
	const ask = useRef(() => {})
	useEffect(() => {
		let over = false
		let asked = 0
		async function load(): Promise<void> {
			asked += 1
			const mine = asked
			try {
				const answer = await question()
				if (over || mine !== asked) return
				setValue(answer)
				setFault('')
			} catch (error) {
				if (!over && mine === asked) setFault(error instanceof Error ? error.message : String(error))
			}
		}
		ask.current = () => void load()
		void load()
		const end = client.on(changedBy, () => void load())
		return () => {
			over = true
			end()
		}
	}, [question, changedBy])
	return { value, fault, reload: useCallback(() => ask.current(), []) }
}
