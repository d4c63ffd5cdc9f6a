import '../charts/charts.css'
import './promotion.css'
import { useEffect } from 'react'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { CandidateView } from './CandidateView.tsx'
import { Deciding } from './deciding/Deciding.tsx'
import { RollingBack } from './deciding/RollingBack.tsx'
import { PackDrop } from './PackDrop.tsx'
import { PromotionList } from './PromotionList.tsx'
import { reloadPromotion, usePromotion, watchPromotion } from './promotionStore.ts'
import { keyOf } from './promotionWords.ts'
import { ComparisonView } from './report/ComparisonView.tsx'

/** Which model reads: candidates, comparisons of them with the current one, and signed decisions. */
export function Section() {
	useEffect(watchPromotion, [])
	return <PackDrop><Content /></PackDrop>
}

function Content() {
	const { known, fault, place } = usePromotion()
	if (!known) {
		return (
			<>
				<h1 className="visually-hidden">Promotion</h1>
				{fault === '' ? <p className="frame-waiting muted">Looking at the candidates…</p> : <EmptyState title="The candidates could not be listed." text={fault}><button className="primary" onClick={() => void reloadPromotion()}>Try again</button></EmptyState>}
			</>
		)
	}
	switch (place.at) {
		case 'list': return <PromotionList known={known} />
		case 'candidate': return <CandidateView key={keyOf(place.candidate)} known={known} candidate={place.candidate} />
		case 'comparison': return <ComparisonView key={place.id} known={known} candidate={place.candidate} id={place.id} />
		case 'deciding': return <Deciding key={keyOf(place.candidate)} known={known} candidate={place.candidate} rests={place.rests} />
		case 'rollingBack': return <RollingBack key={place.decisionId} known={known} decisionId={place.decisionId} />
	}
}
