const rexUrl = 'https://rex.example.com/capture'

/** Sends each answer of a Google Form to Rex. Add it as a trigger of the spreadsheet: On form submit. */
function onFormSubmit({ namedValues, range }) {
  const lead = { source: 'google-form' }
  for (const [question, answers] of Object.entries(namedValues)) lead[question] = answers.join(', ')
  const response = UrlFetchApp.fetch(rexUrl, {
    method: 'post',
    contentType: 'application/json',
    headers: {
      'X-Api-Key': PropertiesService.getScriptProperties().getProperty('REX_API_KEY'),
      // A row is one lead, also when the trigger runs twice.
      'Idempotency-Key': `${range.getSheet().getParent().getId()}-${range.getRow()}`,
    },
    payload: JSON.stringify(lead),
    muteHttpExceptions: true,
  })
  // An exception is shown under Executions, and Google sends an e-mail about it.
  if (response.getResponseCode() !== 201) throw new Error(`Rex answered ${response.getContentText()}`)
}
