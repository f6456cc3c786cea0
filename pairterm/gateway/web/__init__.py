"""The guests in a browser: HTTP, TLS and the websocket. It knows no asyncssh."""
