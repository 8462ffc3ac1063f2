<?php
// The page a new node shows until an application is deployed.
header("Cache-Control: no-cache");
readfile(__DIR__ . "/index.html");
