import { SettingsDocument } from '../../../../generated/graphql/graphql.ts'
import { useReading } from '../../connection/reading.ts'
import { Failure } from '../../parts/surface/empty-state.tsx'
import { PageHeader } from '../../parts/surface/page-header.tsx'
import { Skeleton } from '../../parts/surface/skeleton.tsx'
import { CaptureSettings } from './capture-settings.tsx'
import { GeneralSettings } from './general-settings.tsx'
import { OriginSettings } from './origin-settings.tsx'
import { StageSettings } from './stage-settings.tsx'
import './workspace-page.css'

/** Settings of the workspace. Each card is saved by itself. */
export function WorkspacePage() {
  const { data, problem, reload } = useReading(SettingsDocument, {})
  return (
    <>
      <PageHeader title="Workspace" />
      {!data && (problem ? <Failure message={problem.message} onRetry={reload} /> : <Skeleton lines={8} />)}
      {data && (
        <div className="stack settings">
          <GeneralSettings workspace={data.workspace} storage={data.workspace.captureStorage} />
          <StageSettings workspace={data.workspace} />
          <CaptureSettings workspace={data.workspace} />
          <OriginSettings workspace={data.workspace} />
        </div>
      )}
    </>
  )
}
