module contractserver

go 1.24
