# The app for one machine: docker build -t retrieval-lab . && docker run -p 8501:8501 -v lab:/data retrieval-lab
# How to put it behind a proxy and a login: docs/deploying.md
FROM python:3.11-slim

RUN useradd --create-home --uid 10001 lab && mkdir /data && chown lab /data
WORKDIR /app

# PyTorch first: with the address of its CPU index (pytorch.org, "Start locally", Pip, CPU) as TORCH_INDEX the
# requirements do not fetch gigabytes of CUDA libraries.
ARG TORCH_INDEX=""
COPY requirements.txt .
RUN pip install --no-cache-dir torch==2.13.0 ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} \
    && pip install --no-cache-dir -r requirements.txt

COPY . .

# Runs and the data they were made on are kept in /data; compiled kernels too, so that a new container starts fast.
# The welcome message would ask a server of Amazon's for the machine's public address.
ENV SKREC_LITE_HOME=/data \
    NUMBA_CACHE_DIR=/data/numba \
    STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE=true \
    PYTHONUNBUFFERED=1
USER lab
VOLUME /data
EXPOSE 8501
HEALTHCHECK --start-period=90s --interval=60s --timeout=5s CMD ["python", "-c", \
    "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", \
     "--server.headless=true"]
