import os

from fastapi import FastAPI, HTTPException, Request
from rex_webhook import WebhookError, verify_webhook

SECRET = os.environ["REX_WEBHOOK_SECRET"]
app = FastAPI()


@app.post("/", status_code=204)
async def receive(request: Request) -> None:
    try:
        event = verify_webhook(await request.body(), request.headers, SECRET)
    except WebhookError as error:
        raise HTTPException(401, error.failure) from None
    print(f"verified {event['event']} {event['id']}", flush=True)
