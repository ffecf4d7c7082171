package main

import (
	"crypto/sha256"
	"encoding/hex"
)

func sum(bytes []byte) string {
	hash := sha256.Sum256(bytes)
	return hex.EncodeToString(hash[:])
}
