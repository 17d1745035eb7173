/** A query for the id of everything that a workspace has. */
export const everyNode = `{
  viewer { id } workspace { id apiKeys { id } } auditLog { nodes { id } } sources { nodes { id } }
  contacts { nodes { id submissions { nodes { id } } events { nodes { id } }
    deliveries { nodes { id endpoint { id } event { id } attempts { id } } } } }
}`
