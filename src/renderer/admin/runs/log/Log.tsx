import { CircleAlert, TriangleAlert } from 'lucide-react'
import { useCallback, useEffect, useLayoutEffect, useRef } from 'react'
import type { RunLogLine } from '../../../../common/contract/training/run.ts'
import { client } from '../../../app/client.ts'
import { useAnswer } from '../../../app/useAnswer.ts'
import { CopyButton } from '../../../ui/CopyButton.tsx'
import { EmptyState } from '../../../ui/EmptyState.tsx'
import { count } from '../../../ui/words.ts'
import { KIND_TITLES, lineText, secondsTime, weightOf } from './logLines.ts'

/** A run may say more than a person can read. */
const PAUSE_MILLISECONDS = 1000
/** As near to the end, in CSS pixels, as one who reads along. */
const NEAR = 40

/** What happened to a run, the last at the end; while one stands at the end, it goes along with what comes. */
export function Log({ id }: { id: string }) {
	const ask = useCallback(() => client.call('training.log', { id }), [id])
	const { value, fault, reload } = useAnswer(ask, 'training.changed')
	useEffect(() => followRun(id, reload), [id, reload])
	const scroller = useRef<HTMLDivElement>(null)
	const atEnd = useRef(true)
	useLayoutEffect(() => {
		const element = scroller.current
		if (!value || !element) return
		const goAlong = () => void (atEnd.current && (element.scrollTop = element.scrollHeight))
		// Also when the window gets another size.
		const observer = new ResizeObserver(goAlong)
		observer.observe(element)
		goAlong()
		return () => observer.disconnect()
	}, [value])

	if (fault !== '') return <EmptyState title="The log could not be read." text={fault}><button className="primary" onClick={reload}>Try again</button></EmptyState>
	if (!value) return <p className="frame-waiting muted">Reading the log…</p>
	const { lines, cut } = value
	if (lines.length === 0) return <EmptyState title="The log is empty." text="Runs of older versions kept none." />
	return (
		<div className="run-log">
			<div className="run-log-head">
				<p className="muted numbers" role="status">{count(lines.length, 'line')}{cut && ', the end of a longer log: all of it is in log.jsonl in the run\'s folder'}</p>
				<CopyButton title="Copy the log" text={() => lines.map(lineText).join('\n')} />
			</div>
			<div
				ref={scroller} className="run-log-lines" role="region" aria-label="Log" tabIndex={0}
				onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
					atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR
				}}
			>
				{/* Lines are only ever added. */}
				<ol className="selectable">{lines.map((line, index) => <LogLine key={index} line={line} />)}</ol>
			</div>
		</div>
	)
}

function LogLine({ line }: { line: RunLogLine }) {
	const weight = weightOf(line)
	const Icon = weight === 'fault' ? CircleAlert : TriangleAlert
	return (
		<li className={`run-log-line ${weight}`}>
			<time className="muted numbers" dateTime={line.at}>{secondsTime(line.at)}</time>
			<span className="muted">{KIND_TITLES[line.kind]}</span>
			<span className="run-log-sign">{weight !== 'plain' && <Icon size={14} role="img" aria-label={weight === 'fault' ? 'Fault' : 'To be noted'} />}</span>
			<span className="run-log-text"><bdi>{line.text}</bdi></span>
		</li>
	)
}

/** Asks again when the run may have written something: at validations, and when it begins to do something else. @returns ends it. */
function followRun(id: string, reload: () => void): () => void {
	let phase = ''
	let timer: ReturnType<typeof setTimeout> | undefined
	function later(): void {
		timer ??= setTimeout(() => {
			timer = undefined
			reload()
		}, PAUSE_MILLISECONDS)
	}
	const ends = [
		client.on('training.progress', ({ id: own, live, validations }) => {
			if (own !== id) return
			const now = live.phase?.name ?? ''
			if (validations.length > 0 || now !== phase) later()
			phase = now
		}),
		client.onConnection((connection) => void (connection === 'open' && later())),
	]
	return () => {
		clearTimeout(timer)
		for (const end of ends) end()
	}
}
