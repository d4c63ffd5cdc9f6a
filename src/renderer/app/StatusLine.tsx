import { CircleAlert, CircleCheck, LoaderCircle, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { HostStatus, SystemStatus } from '../../common/contract/system.ts'
import { bytes, count, number } from '../ui/words.ts'
import { isOver, progressOf, refusedOf, timeLeft, type ImportJob } from './import/importJob.ts'
import { cancelImport, useImports } from './import/imports.ts'
import { useNavigation } from './navigation.ts'
import { useSystem } from './system.ts'

const LOW_DISK_BYTES = 2e9

/** The 24-px line below: hosts, model, queue, import, disk. */
export function StatusLine() {
	const status = useSystem((state) => state.status)
	const connection = useSystem((state) => state.connection)
	return (
		<footer className="status" aria-label="Status">
			{connection === 'lost' && (
				<span className="status-item status-danger" role="alert">
					<CircleAlert aria-hidden />The workstation is not answering. Trying again; what is shown is kept.
				</span>
			)}
			{status?.hosts.map((host) => <HostItem key={host.name} host={host} />)}
			{status && <ModelItem status={status} />}
			<Queue hosts={status?.hosts ?? []} />
			<span className="status-space" />
			<ImportItem />
			{status && (
				<span className={status.freeBytes < LOW_DISK_BYTES ? 'status-item status-warning' : 'status-item'} title={`Data folder: ${status.home}`}>
					{status.freeBytes < LOW_DISK_BYTES && <CircleAlert aria-hidden />}
					{bytes(status.freeBytes)} free
				</span>
			)}
			{status && <span className="status-item" title={`${status.shell === 'electron' ? 'Electron' : 'Browser'} shell: ${status.shellReason}`}>Negatoscope {status.version}</span>}
		</footer>
	)
}

const HOST_NAMES = { imaging: 'Imaging', inference: 'Inference', training: 'Training', review: 'Review' } as const
const HOST_STATES = { starting: 'starting', ready: 'ready', restarting: 'restarting', failed: 'stopped' } as const

function HostItem({ host }: { host: HostStatus }) {
	const history = host.restarts > 0 ? `${count(host.restarts, 'restart')} since the start. ` : ''
	const Icon = host.state === 'ready' ? CircleCheck : host.state === 'failed' ? CircleAlert : LoaderCircle
	return (
		<span className={`status-item status-${host.state === 'ready' ? 'ready' : host.state === 'failed' ? 'danger' : 'warning'}`} title={`${history}${host.lastFault}`.trim() || undefined}>
			<Icon aria-hidden />
			{HOST_NAMES[host.name]} {HOST_STATES[host.state]}
		</span>
	)
}

function ModelItem({ status }: { status: SystemStatus }) {
	const { student, teacher, studentFault } = status
	const openSection = useNavigation((state) => state.openSection)
	if (!student || studentFault !== '') {
		return (
			<button className="quiet status-item status-button status-warning" title={studentFault} onClick={() => openSection('models')}>
				<CircleAlert aria-hidden />
				<span className="cut">{student ? 'A student cannot be used' : 'No student model'}</span>
			</button>
		)
	}
	return (
		<button className="quiet status-item status-button" title={`Student ${student.id} ${student.version}, ${student.sha256.slice(0, 12)}${teacher ? `; teacher ${teacher.title} ${teacher.version}` : ''}`} onClick={() => openSection('models')}>
			<span className="cut">{student.title} {student.version}{teacher ? `, teacher ${teacher.title} ${teacher.version}` : ''}</span>
		</button>
	)
}

function Queue({ hosts }: { hosts: HostStatus[] }) {
	const jobs = hosts.reduce((sum, host) => sum + host.jobs, 0)
	return <span className="status-item">{jobs === 0 ? 'Queue empty' : `${count(jobs, 'job')} in the queue`}</span>
}

function ImportItem() {
	const job = useImports((state) => state.jobs.find((candidate) => !isOver(candidate)) ?? state.jobs.at(-1))
	const shown = useImports((state) => state.shown)
	if (!job) return null
	if (!isOver(job)) return <RunningImport job={job} />
	const refused = refusedOf(job).length
	const toggle = () => {
		const { showSummary, hideSummary } = useImports.getState()
		if (shown === job.importId) hideSummary()
		else showSummary(job.importId)
	}
	return (
		<button className={`quiet status-item status-button ${refused > 0 || job.phase === 'failed' ? 'status-warning' : ''}`} aria-expanded={shown === job.importId} onClick={toggle}>
			{refused > 0 && <CircleAlert aria-hidden />}
			{ENDS[job.phase]}: {count(job.summary?.added ?? 0, 'file')} added{refused > 0 ? `, ${number(refused)} refused` : ''}
		</button>
	)
}

const ENDS = { sending: '', running: '', finished: 'Last import', cancelled: 'Import cancelled', failed: 'Import failed' } as const

function RunningImport({ job }: { job: ImportJob }) {
	const now = useNow(1000)
	const { done, total } = progressOf(job)
	const left = timeLeft(job, now)
	return (
		<span className="status-item" title={job.summary?.currentName}>
			<button className="quiet status-button" onClick={() => useImports.getState().showSummary(job.importId)}>
				{job.phase === 'sending' ? 'Handing over' : 'Importing'} <span className="numbers">{number(done)} of {number(total)}</span>{left && `, ${left}`}
			</button>
			<progress aria-label="Import progress" value={done} max={Math.max(1, total)} />
			<button className="quiet status-button" aria-label="Cancel import" title="Cancel import; what was added stays" onClick={() => cancelImport(job.importId)}>
				<X aria-hidden />
			</button>
		</span>
	)
}

function useNow(every: number): number {
	const [now, setNow] = useState(() => Date.now())
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), every)
		return () => clearInterval(timer)
	}, [every])
	return now
}
