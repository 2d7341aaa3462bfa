"""What is asked for: the configuration, file names, requests and the jobs that follow from them."""
