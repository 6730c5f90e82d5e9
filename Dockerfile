# The script that comes from npm, at the version of package-lock.json.
FROM node:22-slim AS scripts
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev

FROM python:3.11-slim AS application
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SCORECARD_VAR=/var/lib/scorecard \
    STATIC_ROOT=/app/collected
RUN useradd --system --create-home --uid 10001 scorecard \
 && install --directory --owner=scorecard --group=scorecard /var/lib/scorecard
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --requirement requirements.txt
COPY --from=scripts /app/node_modules ./node_modules
COPY . .
# The key that settings make for themselves here stays in this layer's scratch folder and is thrown away.
RUN SCORECARD_VAR=/tmp/build python manage.py compile_translations \
 && SCORECARD_VAR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 \
 && rm -r /tmp/build
USER scorecard
VOLUME /var/lib/scorecard
EXPOSE 8000
CMD ["gunicorn", "scorecard.wsgi", "--bind", "0.0.0.0:8000", "--workers", "4", "--no-control-socket"]
