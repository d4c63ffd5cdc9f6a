import type { ColumnCount, DataSetSurvey, RegisteredDataSet } from '../../../../common/contract/training/dataSets.ts'
import { count, localTime, number } from '../../../ui/words.ts'
import { Bars } from '../../charts/Bars.tsx'
import { Fact, Facts } from '../../Facts.tsx'
import { columnsInWords, correctionsInWords, layoutTitle, SPLIT_TITLES, stated } from '../dataSetWords.ts'
import { ClassesBySource } from './ClassesBySource.tsx'

/** What the last survey counted. */
export function Overview({ dataSet, survey }: { dataSet: RegisteredDataSet; survey: DataSetSurvey }) {
	const { recipe, folder, surveyedAt, corrections } = dataSet
	const splits = survey.splits.map(({ split }) => split)
	const unknown = survey.labels.map((label, index) => ({ label, images: survey.splits.reduce((sum, split) => sum + (split.labels[index]?.unknown ?? 0), 0) })).filter(({ images }) => images > 0)
	return (
		<article className="data-set-overview" aria-label="Overview" tabIndex={0}>
			{survey.warnings.length > 0 && (
				<section aria-label="Warnings" className="data-set-warnings whole">
					<h2>Warnings</h2>
					<ul className="selectable">{survey.warnings.map((warning) => <li key={warning}>{warning}</li>)}</ul>
				</section>
			)}
			<div className="whole"><Facts>
				<Fact term="Images">{number(survey.images)}, of {count(survey.groups, 'patient or group', 'patients or groups')}</Fact>
				<Fact term="Surveyed">{surveyedAt === null ? '' : localTime(surveyedAt)}</Fact>
				<Fact term="Read as">{layoutTitle(recipe)}</Fact>
				<Fact term="SHA-256" title={`${survey.sha256}: of labels, splits, groups and the bytes of every image`}>{survey.sha256.slice(0, 16)}</Fact>
				<Fact term="Corrected">{correctionsInWords(corrections) || 'Nothing'}</Fact>
				<Fact term="Splits">{recipe.splits.from === 'draw' ? 'Drawn by the program' : 'As the data says; what it does not say is drawn'}</Fact>
				{recipe.layout === 'manifest' && <Fact term="Table" wide>{recipe.manifest}{columnsInWords(recipe) !== '' && ` (${columnsInWords(recipe)})`}</Fact>}
				<Fact term="Folder" wide>{folder}</Fact>
			</Facts></div>
			<section aria-label="Classes">
				<h2>Images by class and split</h2>
				<Bars label="Images by class and split" rowTitle="Class" parts={splits.map((split) => SPLIT_TITLES[split])} rows={survey.labels.map((name, index) => ({ name, counts: survey.splits.map((split) => split.labels[index]?.positive ?? 0) }))} />
				{survey.task === 'multilabel' && <p className="muted data-set-note">An image may show several of them, or none.</p>}
				{unknown.length > 0 && <p className="muted data-set-note">Not known for every image: {unknown.map(({ label, images }) => `${label} (${number(images)})`).join(', ')}.</p>}
			</section>
			<section aria-label="Splits">
				<h2>Patients or groups by split</h2>
				<Bars label="Patients or groups by split" rowTitle="Split" parts={['Patients or groups']} rows={survey.splits.map(({ split, groups }) => ({ name: SPLIT_TITLES[split], counts: [groups] }))} />
			</section>
			<ClassesBySource survey={survey} />
			{survey.columns.map((column) => <ByColumn key={column.column} column={column} splits={splits} />)}
			{survey.filtered.first.length > 0 && (
				<section aria-label="Left out">
					<h2>Left out on purpose</h2>
					<Bars label="Images left out by what the data set is read by" rowTitle="What" parts={['Images']} rows={survey.filtered.first.map(({ what, images }) => ({ name: what, counts: [images] }))} />
				</section>
			)}
		</article>
	)
}

function ByColumn({ column: { column, values, others }, splits }: { column: ColumnCount; splits: DataSetSurvey['splits'][number]['split'][] }) {
	if (values.every(({ value }) => value.trim() === '')) return null
	const title = `Images by ${column} and split`
	return (
		<section aria-label={title}>
			<h2 className="data-set-column-title">Images by <bdi>{column}</bdi> and split</h2>
			<div className="data-set-long" tabIndex={values.length > 12 ? 0 : undefined} role={values.length > 12 ? 'region' : undefined} aria-label={values.length > 12 ? `${title}, as a table that scrolls` : undefined}>
				<Bars label={title} rowTitle={column} parts={splits.map((split) => SPLIT_TITLES[split])} rows={values.map(({ value, splits: counts }) => ({ name: stated(value), counts: splits.map((split) => counts[split]) }))} />
			</div>
			{others.values > 0 && <p className="muted data-set-note numbers">{count(others.values, 'further value')} with {count(others.images, 'image')} are not listed.</p>}
		</section>
	)
}
