import { ArrowLeft } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { kindInWords } from '../../../../common/text/kindsOfImage.ts'
import { useRoomCommands } from '../../../app/useRoomCommands.ts'
import { EmptyState } from '../../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../../ui/focus.ts'
import { localTime } from '../../../ui/words.ts'
import { goToList, rollBack, type Known } from '../promotionStore.ts'
import { modelName, rollbackInWords } from '../promotionWords.ts'
import { Reason } from '../Signs.tsx'
import { SignatureForm } from './Signature.tsx'

/** A promotion that stands is undone: what that brings, and a signature. */
export function RollingBack({ known, decisionId }: { known: Known; decisionId: number }) {
	const root = useRef<HTMLDivElement>(null)
	useRoomCommands([{ id: 'promotion.back', title: 'Back to the candidates', group: 'Promotion', keys: 'Escape', run: goToList }])
	useEffect(() => focusIfNothingHasIt(root.current?.querySelector('input')), [])
	const rollback = known.decisions.rollbacks.find((own) => own.decisionId === decisionId)
	const promotion = known.decisions.decisions.find(({ id }) => id === decisionId)
	if (!rollback || !promotion) return <><h1 className="visually-hidden">Rollback</h1><EmptyState title="There is nothing to roll back." text={`Decision ${decisionId} was taken back already, or another promotion came after it.`}><button className="primary" onClick={goToList}>Back to the candidates</button></EmptyState></>
	const { content } = promotion
	const { role, domain } = rollback
	return (
		<div className="promotion-page" ref={root}>
			<header className="promotion-head">
				<button className="quiet promotion-leave" onClick={goToList}><ArrowLeft aria-hidden />Candidates</button>
				<h1 className="cut" tabIndex={-1}>{rollback.to ? <>Roll back to <bdi>{modelName(rollback.to)}</bdi></> : 'Roll back'}</h1>
			</header>
			<div className="promotion-body" role="region" aria-label="Rollback" tabIndex={0}>
				{rollback.reason !== '' && <Reason kind="warning"><p>This cannot be done now. {rollback.reason}</p></Reason>}
				<section aria-label="What changes">
					<h2>What changes</h2>
					<ul className="promotion-changes selectable">
						<li>{rollbackInWords(role, rollback.to, content.after)}</li>
						<li>This undoes decision {promotion.id} of {localTime(content.decidedAt)}, which <bdi>{content.decidedBy}</bdi> signed: <q dir="auto">{content.reason}</q> It stays in the log.</li>
						{domain && content.settings.before === null && <li>Nobody had chosen a student for {kindInWords(domain)} before: the program had.</li>}
						<li>Analyses that were made meanwhile keep the model that made them, and are explained by it. Its pack stays installed.</li>
						<li>The inference process starts anew: an analysis or a map that is being made at that moment has to be asked for again.</li>
					</ul>
				</section>
				<SignatureForm title="Sign and roll back" missing={rollback.reason === '' ? '' : 'The model of before is not there.'} hint="Why the model of before shall read again" onSign={(signed) => rollBack({ decisionId, ...signed })} />
			</div>
		</div>
	)
}
