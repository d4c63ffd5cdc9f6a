import './reports.css'
import '../ui/searchField.css'
import { ExternalLink, FileBraces, FileText, Search, Sheet } from 'lucide-react'
import { useState } from 'react'
import { routes } from '../../common/contract/procedures.ts'
import { client } from '../app/client.ts'
import { useNavigation } from '../app/navigation.ts'
import { useAnswer } from '../app/useAnswer.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { VirtualGrid, type Column } from '../ui/VirtualGrid.tsx'
import { count, localTime, named, number } from '../ui/words.ts'
import { matchReports, sortReports, type ReportRow, type ReportSort } from './reportList.ts'

const COLUMNS: Column<ReportRow>[] = [
	{ key: 'patientName', title: 'Patient', width: 'minmax(7rem, 2fr)', sortable: true, cell: (row) => <bdi className="report-name">{named(row.patientName)}</bdi>, hint: (row) => named(row.patientName) },
	{ key: 'patientId', title: 'ID', width: 'minmax(5rem, 1fr)', sortable: true, cell: (row) => <bdi>{row.patientId}</bdi>, hint: (row) => row.patientId },
	{ key: 'studyDate', title: 'Study', width: '6.75rem', sortable: true, cell: (row) => <span className="numbers">{row.studyDate}</span> },
	{ key: 'description', title: 'Description', width: 'minmax(5rem, 1.6fr)', cell: (row) => <bdi>{row.description}</bdi>, hint: (row) => row.description },
	{ key: 'version', title: 'Version', width: '6.75rem', cell: (row) => `${row.version}, ${row.kind}` },
	{ key: 'signedBy', title: 'Signed by', width: 'minmax(6rem, 1.2fr)', sortable: true, cell: (row) => <bdi>{row.signedBy}</bdi>, hint: (row) => row.signedBy },
	{ key: 'signedAt', title: 'Signed', width: '9rem', sortable: true, cell: (row) => <span className="numbers">{localTime(row.signedAt)}</span> },
]

const askReports = () => client.call('reports.all', {})

/** Every signed report, with its PDF, JSON and CSV. */
export function ReportRoom() {
	const { value: reports, fault, reload } = useAnswer(askReports, 'library.changed')
	const [text, setText] = useState('')
	const [sort, setSort] = useState<ReportSort>({ key: 'signedAt', descending: true })
	const [chosen, setChosen] = useState<number | null>(null)

	const rows = reports ? sortReports(matchReports(reports, text), sort) : []
	const active = rows.findIndex((row) => row.id === chosen)
	const report = rows[active]
	const open = (index: number) => {
		const row = rows[index]
		if (row) window.open(routes.report(row.id, 'pdf'), '_blank', 'noopener')
	}

	if (fault !== '') {
		return (
			<main className="reports" aria-label="Reports room">
				<EmptyState title="The reports could not be loaded." text={fault}>
					<button className="primary" onClick={reload}>Try again</button>
				</EmptyState>
			</main>
		)
	}
	return (
		<main className="reports" aria-label="Reports room">
			<h1 className="visually-hidden">Reports</h1>
			<div className="reports-left">
				<div className="reports-tools" role="search">
					<span className="search-field">
						<Search aria-hidden />
						<input type="text" aria-label="Search reports" placeholder="Name, ID, description, reader" dir="auto" autoComplete="off" spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
					</span>
					<p className="muted numbers" role="status" aria-label="Reports shown">
						{reports && (text.trim() === '' ? count(reports.length, 'signed report') : `${number(rows.length)} of ${count(reports.length, 'signed report')}`)}
					</p>
				</div>
				<div className="reports-list">
					<VirtualGrid
						label="Reports"
						minimumWidth="45.5rem"
						columns={COLUMNS}
						count={rows.length}
						rowAt={(index) => rows[index]}
						active={active}
						onActive={(index) => setChosen(rows[index]?.id ?? null)}
						onOpen={open}
						sort={sort}
						onSort={(key) => setSort((before) => ({ key: key as ReportSort['key'], descending: before.key === key ? !before.descending : key === 'signedAt' || key === 'studyDate' }))}
						empty={reports && (
							reports.length === 0
								? <EmptyState title="No signed reports yet." text="Open a study, decide on its findings in the Report tab and sign. The signed version then stands here for good." />
								: <EmptyState title="No report matches." text="Change the search to see more."><button onClick={() => setText('')}>Clear search</button></EmptyState>
						)}
					/>
				</div>
			</div>
			{report && <ReportView report={report} />}
		</main>
	)
}

function ReportView({ report }: { report: ReportRow }) {
	const openStudy = useNavigation((state) => state.openStudy)
	const facts: [string, string][] = [
		['Patient ID', report.patientId], ['Study', report.studyDate], ['Description', report.description],
		['Signed by', report.signedBy], ['Signed', localTime(report.signedAt)], ['Kind', `${report.kind === 'report' ? 'Report' : 'Addendum'}, version ${report.version}`],
	]
	return (
		<section className="reports-view" aria-label="Report">
			<h2><bdi>{named(report.patientName)}</bdi></h2>
			<dl className="selectable">
				{facts.filter(([, value]) => value !== '').map(([term, value]) => <div key={term}><dt>{term}</dt><dd className="numbers"><bdi>{value}</bdi></dd></div>)}
				<div title={report.pdfSha256}><dt>PDF SHA-256</dt><dd className="numbers">{report.pdfSha256.slice(0, 12)}</dd></div>
			</dl>
			<div className="reports-view-links">
				{/* Not framed in the room: Chromium's PDF viewer does not run in a sandboxed frame, and no other is wanted here. */}
				<a className="button primary" href={routes.report(report.id, 'pdf')} target="_blank" rel="noopener noreferrer"><ExternalLink aria-hidden />Open PDF</a>
				<a className="button" href={routes.report(report.id, 'json')} download><FileBraces aria-hidden />JSON</a>
				<a className="button" href={routes.report(report.id, 'csv')} download><Sheet aria-hidden />CSV</a>
				<button onClick={() => openStudy(report.studyId)}><FileText aria-hidden />Open the study</button>
			</div>
			<p className="muted">A signed version is never changed; an addendum, begun in the study's Report tab, makes the next one.</p>
		</section>
	)
}
