package main

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// proxy passes everything on to a server, over TLS at each NAME=PORT with NAME.pem and NAME.key of /certs; at html=PORT it answers with a page.
func proxy(arguments []string) {
	target, err := url.Parse(arguments[0])
	stopAt(err)
	pass := httputil.NewSingleHostReverseProxy(target)
	for _, one := range arguments[1:] {
		name, port, _ := strings.Cut(one, "=")
		address := "127.0.0.1:" + port
		go func() {
			if name == "html" {
				stopAt(http.ListenAndServe(address, http.HandlerFunc(signIn)))
			}
			stopAt(http.ListenAndServeTLS(address, "/certs/"+name+".pem", "/certs/"+name+".key", pass))
		}()
	}
	select {}
}

func signIn(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("content-type", "text/html")
	fmt.Fprint(w, "<html><body>Sign in to the network of the site</body></html>")
}
